package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/fault"
	"nms.example/inbox/internal/ingest"
)

const contentNDJSON = "application/x-ndjson"

// singleTimeout bounds a single post, its body and its commit.
const singleTimeout = 30 * time.Second

var errTooLarge = fault.At(fault.Input, api.CodeTooLarge, "the trace is too large")

type postInput struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Backfill    bool   `query:"backfill" doc:"Take traces of any age that is still kept, in place of the last days only; needs the permission inbox:manage too"`
}

func (r *routes) registerPost(a *api.API) {
	op := operation("traces", http.MethodPost, "", "create", "Send one trace, or a stream of traces",
		"`application/json` takes one trace: 201 once it is committed together with its event, 200 when the same trace was "+
			"there already, 409 when the guid belongs to a trace with other content, 503 with Retry-After while too many "+
			"traces are waiting.\n\n"+
			"`application/x-ndjson` takes any number of them, one per line, and answers 200 with one result per line in the "+
			"same order. Results come while the request is still being sent: read and write at the same time when a stream is long.\n\n"+
			"Both may be compressed (Content-Encoding: gzip or zstd).\n\n"+
			"The guid of a trace that was withdrawn stays taken: 409 `trace_withdrawn`.")
	op.Errors = []int{http.StatusConflict}
	op.MaxBodyBytes = -1 // bounded here: a single body as a whole, a stream by line
	body := schemaOf[TraceDocument](r.registry)
	op.Responses = map[string]*huma.Response{
		"200": {Description: "The same trace was there already; or the results of a stream", Content: map[string]*huma.MediaType{
			contentJSON:   {Schema: schemaOf[GUIDDocument](r.registry)},
			contentNDJSON: {Schema: schemaOf[LineDocument](r.registry)},
		}},
		"201": answer("Committed", contentJSON, schemaOf[GUIDDocument](r.registry)),
	}
	api.Register(a, op, write, r.post, api.Timeout(0), api.LimitedBy(r.Limiter), api.StreamBody(&huma.RequestBody{
		Required: true,
		Content: map[string]*huma.MediaType{
			contentJSON:   {Schema: body},
			contentNDJSON: {Schema: body},
		},
	}))
}

func (r *routes) post(ctx context.Context, in *postInput) (*huma.StreamResponse, error) {
	intake := r.Intake
	if in.Backfill {
		if err := authn.Authorize(authn.FromContext(ctx), authn.InboxManage); err != nil {
			return nil, err
		}
		intake = r.Backfill
	}
	if kind, _, _ := mime.ParseMediaType(in.ContentType); kind == contentNDJSON {
		return r.postStream(ctx, intake), nil
	}
	return r.postOne(ctx, intake)
}

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keptBody is the largest buffer that goes back to the pool, in bytes.
const keptBody = 1 << 20

func (r *routes) postOne(ctx context.Context, intake *ingest.Receiver) (*huma.StreamResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, singleTimeout)
	defer cancel()
	body, _ := bodies.Get().(*bytes.Buffer)
	defer func() {
		if body.Cap() <= keptBody {
			body.Reset()
			bodies.Put(body)
		}
	}()
	if err := readBody(ctx, body, r.MaxBodyBytes); err != nil {
		return nil, err
	}
	taken, err := intake.Take(ctx, body.Bytes())
	if err != nil {
		return nil, publicError(err)
	}
	return bytesResponse(statusOf(taken.Outcome), contentJSON, []byte(`{"guid":"`+taken.GUID+`"}`)), nil
}

// readBody reads a whole body of at most limit bytes before ctx ends.
func readBody(ctx context.Context, into *bytes.Buffer, limit int64) error {
	source := api.Body(ctx)
	for {
		if ctx.Err() != nil {
			return errSlow
		}
		into.Grow(32 << 10)
		free := into.AvailableBuffer()
		n, err := source.Read(free[:cap(free)])
		into.Write(free[:n])
		if int64(into.Len()) > limit {
			return errTooLarge
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

var errSlow = fault.New(fault.CodeTimeout, "the request took too long").After(time.Second)

// publicError makes a fault of an ended context.
func publicError(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return errSlow.Because(err)
	}
	return err
}

func statusOf(outcome ingest.Outcome) int {
	if outcome == ingest.Known {
		return http.StatusOK
	}
	return http.StatusCreated
}
