package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/frame"
	"nms.example/ctrl/internal/submission"
)

const (
	contentJSON   = "application/json"
	contentNDJSON = "application/x-ndjson"

	// singleTimeout bounds a single post, its body and its commit.
	singleTimeout = 30 * time.Second
	// lineTimeout bounds each piece of a stream's answer.
	lineTimeout = 60 * time.Second
	// maxLine bounds a frame, in bytes.
	maxLine = 256 << 10
	// maxChunk bounds the lines of a stream that are committed together, maxChunkValues their values.
	maxChunk       = 1000
	maxChunkValues = 40_000
)

var (
	errLarge = fault.At(fault.Input, api.CodeTooLarge, "a frame must not be over 256 KiB")
	// errVersion: a request of version 2 would be read as one of version 1 without any series.
	errVersion = fault.At(fault.Input, api.CodeMediaType, "must be a prometheus.WriteRequest (remote write 1.0)")
	errSlow    = fault.New(fault.CodeTimeout, "the request took too long").After(time.Second)
)

// LineDocument is the answer to one line of a stream.
type LineDocument struct {
	Line    int           `json:"line" doc:"Number of the line, from 1"`
	Status  int           `json:"status" doc:"What a single post would have been answered with"`
	Invalid []string      `json:"invalid,omitempty" doc:"Names of the parameters whose values the catalogue's validator refuses"`
	Errors  []LineProblem `json:"errors,omitempty" doc:"Why it was refused"`
}

// LineProblem is one reason for a refused line.
type LineProblem struct {
	Location string `json:"location" doc:"The place in the line: body.equipment_id"`
	Message  string `json:"message" doc:"What is wrong there"`
	Code     string `json:"code" doc:"The kind of fault, for programs"`
}

type submitInput struct {
	ContentType string `header:"Content-Type" hidden:"true"`
}

type telemetry struct {
	Deps
	stopping <-chan struct{}
}

func registerSubmit(a *api.API, h telemetry) {
	op := resource("telemetry").Operation(http.MethodPost, "", "create", "Send values of one piece of equipment, or a stream of them")
	op.Description = "`application/json` takes one frame, the values of one piece of equipment at one moment: 201 once it is committed, 200 when it was there already " +
		"(the first one stays), 503 with Retry-After while too many values are waiting.\n\n" +
		"`application/x-ndjson` takes any number of frames, one per line, and answers 200 with one result per line in the same order. Results come while the " +
		"request is still being sent.\n\n" +
		"Both may be compressed (Content-Encoding: gzip or zstd). A value that the catalogue's validator refuses is kept with the quality `invalid`. " +
		"Frames may come late and in any order."
	op.MaxBodyBytes = -1 // bounded here: a single body as a whole, a stream by line
	registry := a.Huma().OpenAPI().Components.Schemas
	body := schemaOf[submission.Document](registry)
	op.Responses = map[string]*huma.Response{
		"200": {Description: "The frame was there already; or the results of a stream", Content: map[string]*huma.MediaType{
			contentJSON: {Schema: schemaOf[submission.Accepted](registry)}, contentNDJSON: {Schema: schemaOf[LineDocument](registry)},
		}},
		"201": {Description: "Committed", Content: map[string]*huma.MediaType{contentJSON: {Schema: schemaOf[submission.Accepted](registry)}}},
	}
	api.Register(a, op, submit, h.submit, api.Timeout(0), api.LimitedBy(h.SubmitLimiter), api.StreamBody(&huma.RequestBody{
		Required: true, Content: map[string]*huma.MediaType{contentJSON: {Schema: body}, contentNDJSON: {Schema: body}},
	}))
}

// contentProtobuf is the type of a remote write.
const contentProtobuf = "application/x-protobuf"

func registerRemoteWrite(a *api.API, h telemetry) {
	op := resource("telemetry").Operation(http.MethodPost, "/prometheus", "prometheus", "Send samples of Prometheus by remote write 1.0")
	op.Description = "The body is a snappy-compressed prometheus.WriteRequest. What a series is of, the telemetry bindings of the driver `prometheus` say; samples of other " +
		"series are counted (`ctrl_remote_write_unbound_total`), not refused, and so are those that are older than what is kept. Samples that were there before, or come late, " +
		"are no error either."
	op.DefaultStatus = http.StatusNoContent
	api.Register(a, op, submit, h.remoteWrite, api.LimitedBy(h.SubmitLimiter), api.EncodedBody("snappy"), api.StreamBody(&huma.RequestBody{
		Required: true, Content: map[string]*huma.MediaType{contentProtobuf: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}))
}

// protobufVersion1 is what the parameter proto of a content type says of a request of version 1.0; it may be left out.
const protobufVersion1 = "prometheus.WriteRequest"

func (h telemetry) remoteWrite(ctx context.Context, in *submitInput) (*struct{}, error) {
	_, parameters, _ := mime.ParseMediaType(in.ContentType) // what the operation takes was looked at before
	if proto := parameters["proto"]; proto != "" && proto != protobufVersion1 {
		return nil, errVersion
	}
	body, err := io.ReadAll(api.Body(ctx))
	if err != nil {
		return nil, err
	}
	return nil, inTime(h.RemoteWrite.Take(ctx, body, h.MaxBodyBytes))
}

func (h telemetry) submit(ctx context.Context, in *submitInput) (*huma.StreamResponse, error) {
	if kind, _, _ := mime.ParseMediaType(in.ContentType); kind == contentNDJSON {
		source := api.Body(ctx)
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			h.stream(ctx, bufio.NewReaderSize(source, maxLine), api.OpenStream(hc, contentNDJSON, lineTimeout))
		}}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, singleTimeout)
	defer cancel()
	body, err := io.ReadAll(io.LimitReader(api.Body(ctx), maxLine+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxLine:
		return nil, errLarge
	}
	f, taken, err := h.Submissions.Read(ctx, body)
	if err != nil {
		return nil, err
	}
	fresh, err := h.Submissions.Intake().Take(ctx, []frame.Frame{f}, false)
	if err != nil {
		return nil, inTime(err)
	}
	taken.Stored = fresh[0]
	return jsonResponse(statusOf(fresh[0] > 0), taken)
}

// inTime makes a fault of an ended context.
func inTime(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return errSlow.Because(err)
	}
	return err
}

// chunk is lines of a stream that are committed together.
type chunk struct {
	results []LineDocument
	frames  []frame.Frame
	of      []int // the result of each frame
}

// stream takes frames line by line: what is at hand goes into one commit, then its results are answered.
func (h telemetry) stream(ctx context.Context, lines *bufio.Reader, out *api.Stream) {
	for number, open := 1, true; open; {
		var c chunk
		number, open = h.gather(ctx, lines, number, &c)
		fresh, err := h.Submissions.Intake().Take(ctx, c.frames, true)
		for i, of := range c.of {
			if err != nil {
				c.results[of] = refusedLine(ctx, c.results[of].Line, inTime(err))
			} else {
				c.results[of].Status = statusOf(fresh[i] > 0)
			}
		}
		if !answerLines(out, c.results) {
			return
		}
	}
}

// gather reads what is at hand; false: the stream has ended.
func (h telemetry) gather(ctx context.Context, lines *bufio.Reader, number int, c *chunk) (next int, open bool) {
	refuse := func(err error) { c.results = append(c.results, refusedLine(ctx, number, err)) }
	for values := 0; len(c.results) < maxChunk && values < maxChunkValues; number++ {
		select {
		case <-h.stopping:
			refuse(frame.ErrStopped)
			return number, false
		default:
		}
		line, err := lines.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			refuse(errLarge)
			return number, false
		case err != nil && !errors.Is(err, io.EOF):
			refuse(err) // whatever there is of the line was cut off
			return number, false
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if f, taken, wrong := h.Submissions.Read(ctx, line); wrong != nil {
				refuse(wrong)
			} else {
				c.of, c.frames = append(c.of, len(c.results)), append(c.frames, f)
				c.results = append(c.results, LineDocument{Line: number, Invalid: taken.Invalid})
				values += len(f.Values)
			}
		}
		if err != nil {
			return number, false
		}
		if !holdsLine(lines) {
			return number + 1, true
		}
	}
	return number, true
}

// holdsLine reports whether a whole line is at hand: nobody waits for the answer to one while the next one is still on its way.
func holdsLine(lines *bufio.Reader) bool {
	buffered, err := lines.Peek(lines.Buffered())
	return err == nil && bytes.IndexByte(buffered, '\n') >= 0
}

func refusedLine(ctx context.Context, number int, err error) LineDocument {
	problem := api.ProblemOf(ctx, err)
	result := LineDocument{Line: number, Status: problem.Status}
	for _, e := range problem.Errors {
		result.Errors = append(result.Errors, LineProblem{Location: e.Location, Message: e.Message, Code: string(e.Code)})
	}
	return result
}

func answerLines(out *api.Stream, results []LineDocument) bool {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for i := range results {
		if err := encoder.Encode(&results[i]); err != nil {
			return false
		}
	}
	if _, err := out.Write(text.Bytes()); err != nil {
		return false
	}
	return out.Flush() == nil
}
