package api

import (
	"context"
	"io"
	"mime"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/fault"

	"nms.example/cfg/internal/transfer"
)

const (
	// maxImport bounds a document, inflated: about 400,000 pieces of equipment.
	maxImport = 64 << 20
	// transferTimeout bounds an export or import of the largest catalogues.
	transferTimeout = 2 * time.Minute

	typeJSON = "application/json"
	typeCSV  = "text/csv"
)

type transfers struct {
	service *transfer.Service
	// importing holds a token for each import under way: a document takes some ten times its size of memory.
	importing chan struct{}
}

const maxImports = 2

var errImporting = fault.New(fault.CodeBusy, "other documents are just being imported").After(5 * time.Second)

func registerTransfer(a *api.API, d Deps) {
	t := transfers{service: d.Transfer, importing: make(chan struct{}, maxImports)}
	export := routes("catalogues").Action(http.MethodGet, "export", "Whole catalogues as a document")
	export.Description = "JSON holds one catalogue or all of them, CSV one. Items are named by their paths, not numbered, so the document " +
		"fits any system. CSV cells that a spreadsheet would take for a formula begin with an apostrophe."
	export.Responses = map[string]*huma.Response{"200": {Description: "The document", Content: map[string]*huma.MediaType{
		typeJSON: {Schema: documentSchema(a)}, typeCSV: {Schema: &huma.Schema{Type: huma.TypeString}},
	}}}
	api.Register(a, export, read, t.export, api.Timeout(transferTimeout))
	take := routes("catalogues").Action(http.MethodPost, "import", "Take a document over", http.StatusConflict)
	take.Description = "Makes what is missing and changes what differs, in one transaction; archives and moves nothing. Importing the same " +
		"document again changes nothing. With dry-run the answer shows the difference and nothing is changed. At most 64 MiB."
	take.MaxBodyBytes = maxImport
	body := &huma.RequestBody{Required: true, Description: "What export returns", Content: map[string]*huma.MediaType{
		typeJSON: {Schema: documentSchema(a)}, typeCSV: {Schema: &huma.Schema{Type: huma.TypeString}},
	}}
	api.Register(a, take, write, t.take, api.StreamBody(body), api.Timeout(transferTimeout))
}

func documentSchema(a *api.API) *huma.Schema {
	return huma.SchemaFromType(a.Huma().OpenAPI().Components.Schemas, documentType)
}

type exportInput struct {
	api.Conditional
	Catalogue string `query:"catalogue" enum:"equipments,commands-toc,commands,telemetry" doc:"Only this one; needed for CSV"`
	Format    string `query:"format" enum:"json,csv" default:"json" doc:"Form of the document"`
	BOM       bool   `query:"bom" doc:"Begin the CSV with a byte order mark, for spreadsheets that need it"`
}

type exportOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Length      int    `header:"Content-Length"`
	ETag        string `header:"ETag"`
	Body        []byte
}

var errCatalogueNeeded = fault.At(fault.Field("catalogue"), fault.CodeRequired, "is needed for CSV, which holds one catalogue")

func (t transfers) export(ctx context.Context, in *exportInput) (*exportOutput, error) {
	if in.Format == "csv" && in.Catalogue == "" {
		return nil, errCatalogueNeeded
	}
	document, err := t.service.Export(ctx, in.Catalogue)
	if err != nil {
		return nil, err
	}
	name := in.Catalogue
	if name == "" {
		name = "cfg"
	}
	out := &exportOutput{ContentType: typeJSON, Disposition: `attachment; filename="` + name + "." + in.Format + `"`}
	if in.Format == "csv" {
		out.ContentType = typeCSV + "; charset=utf-8"
		out.Body, err = transfer.EncodeCSV(document, in.Catalogue, in.BOM)
	} else {
		out.Body, err = encode(document)
	}
	if err != nil {
		return nil, err
	}
	out.ETag, out.Length = api.ETagOf(out.Body), len(out.Body)
	if err := in.Evaluate(out.ETag); err != nil {
		return nil, err
	}
	return out, nil
}

type importInput struct {
	ContentType string `header:"Content-Type" doc:"application/json or text/csv"`
	DryRun      bool   `query:"dry-run" doc:"Only show the difference"`
	Catalogue   string `query:"catalogue" enum:"equipments,commands-toc,commands,telemetry" doc:"What the CSV holds; not for JSON"`
}

// begin lets an import in, or refuses it; end lets the next one in.
func (t transfers) begin() (end func(), err error) {
	select {
	case t.importing <- struct{}{}:
		return func() { <-t.importing }, nil
	default:
		return nil, errImporting
	}
}

type importOutput struct{ Body transfer.Report }

func (t transfers) take(ctx context.Context, in *importInput) (*importOutput, error) {
	end, err := t.begin()
	if err != nil {
		// Read to the end: a connection closed on unread bytes loses the answer on its way.
		if _, unread := io.Copy(io.Discard, api.Body(ctx)); unread != nil {
			return nil, unread
		}
		return nil, err
	}
	defer end()
	data, err := io.ReadAll(api.Body(ctx))
	if err != nil {
		return nil, err
	}
	document, err := decodeDocument(data, in)
	if err != nil {
		return nil, err
	}
	report, err := t.service.Import(ctx, document, in.DryRun)
	if err != nil {
		return nil, err
	}
	return &importOutput{Body: *report}, nil
}

func decodeDocument(data []byte, in *importInput) (*transfer.Document, error) {
	if isCSV(in.ContentType) {
		if in.Catalogue == "" {
			return nil, errCatalogueNeeded
		}
		return transfer.DecodeCSV(data, in.Catalogue)
	}
	return transfer.DecodeJSON(data)
}

func isCSV(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == typeCSV
}

var documentType = reflect.TypeFor[transfer.Document]()
