//go:build workshop

package stack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// lostCommand sends a command to equipment that fails, and holds its queue.
func lostCommand() provocation {
	var equipment int64
	var sent string
	return provocation{
		name:   "equipment fails at a command, and its queue is held",
		raises: map[string][]string{"NMSCommandUnknown": {"ctrl"}, "NMSQueueHeld": {"ctrl"}},
		begin: func(p *prometheus) {
			failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
			defer failing.Close()
			equipment = p.made(http.MethodPost, "cfg", "equipments", `{"name":"Alerted","name_full":"Alerted"}`)
			section := p.made(http.MethodPost, "cfg", "commands-toc", `{"name":"Alerted"}`)
			command := p.made(http.MethodPost, "cfg", "commands", fmt.Sprintf(
				`{"equipment_id":%d,"toc_id":%d,"name":"ALERT","name_full":"Alert","description":"Alert"}`, equipment, section))
			p.made(http.MethodPut, "ctrl", fmt.Sprint("endpoints/", equipment), fmt.Sprintf(`{"driver":"http","address":%q}`, failing.URL))
			p.made(http.MethodPut, "ctrl", fmt.Sprint("command-bindings/", command), `{"driver":"http","template":{"method":"PUT","path":"/"}}`)
			sent = uuid.NewString()
			p.made(http.MethodPost, "ctrl", "commands", fmt.Sprintf(`{"id":%q,"command_id":%d}`, sent, command))
			p.await("the command is unknown", func(map[string]rule) bool { return p.metric("ctrl", "ctrl_commands_unknown") > 0 }, nil)
			p.made(http.MethodPatch, "ctrl", fmt.Sprint("queues/", equipment), `{"held":true}`)
		},
		end: func(p *prometheus) {
			p.made(http.MethodPost, "ctrl", "commands/"+sent+"/resolve", `{"outcome":"failed","reason":"it has failed"}`)
			p.made(http.MethodPatch, "ctrl", fmt.Sprint("queues/", equipment), `{"held":false}`)
		},
	}
}

// made sends a body that makes or changes something, and returns the number "id" of the answer, 0 when it has none.
func (p *prometheus) made(method, service, path, body string) int64 {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.ctx, method, p.URL(service)+"/api/v1/"+service+"/"+path, bytes.NewReader([]byte(body)))
	require.NoError(p.t, err)
	request.Header.Set("Authorization", "Bearer "+p.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := p.http.Do(request)
	require.NoError(p.t, err)
	defer response.Body.Close()
	require.Less(p.t, response.StatusCode, http.StatusBadRequest, "%s %s", method, path)
	var item struct {
		ID any `json:"id"`
	}
	require.NoError(p.t, json.NewDecoder(response.Body).Decode(&item))
	id, _ := item.ID.(float64)
	return int64(id)
}
