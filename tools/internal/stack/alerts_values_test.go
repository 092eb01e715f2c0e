//go:build workshop

package stack

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"
)

// refusedValues has the database refuse the newest values.
func refusedValues() provocation {
	var equipment int64
	return provocation{
		name:   "the table of the newest values refuses them",
		raises: map[string][]string{"NMSValuesNotStored": {"ctrl"}}, lasting: "NMSValuesNotStored",
		begin: func(p *prometheus) {
			equipment = p.made(http.MethodPost, "cfg", "equipments", `{"name":"Refused","name_full":"Refused"}`)
			p.made(http.MethodPost, "cfg", "telemetry", `{"name":"refused","name_full":"Refused","description":"Refused","value_validator":{"type":"number"}}`)
			p.sql("dwh", `CREATE FUNCTION refuse_values() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'provoked by a test'; END $$`,
				"CREATE TRIGGER refuse_values BEFORE INSERT ON latest FOR EACH STATEMENT EXECUTE FUNCTION refuse_values()")
		},
		press: func(p *prometheus) {
			p.call(http.MethodPost, "ctrl", "/api/v1/ctrl/telemetry", "application/json", fmt.Appendf(nil, `{"equipment_id":%d,"values":{"refused":1}}`, equipment))
		},
		end: func(p *prometheus) { p.sql("dwh", "DROP FUNCTION refuse_values CASCADE") },
	}
}

// unanswered is equipment that is polled and fails; slow: only after several polls were due.
func unanswered(alert string, slow bool) provocation {
	var binding string
	var failing *httptest.Server
	return provocation{
		name:   fmt.Sprintf("equipment fails at each poll, slowly: %v", slow),
		raises: map[string][]string{alert: {"ctrl"}, "NMSEquipmentSilent": {"ctrl"}}, lasting: alert,
		begin: func(p *prometheus) {
			failing = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if slow {
					select {
					case <-r.Context().Done():
					case <-time.After(3 * time.Second):
					}
				}
				w.WriteHeader(http.StatusBadGateway)
			}))
			equipment := p.made(http.MethodPost, "cfg", "equipments", fmt.Sprintf(`{"name":%q,"name_full":"Polled"}`, alert))
			parameter := p.made(http.MethodPost, "cfg", "telemetry",
				fmt.Sprintf(`{"name":%q,"name_full":"Polled","description":"Polled","value_validator":{"type":"number"}}`, alert))
			p.made(http.MethodPut, "ctrl", fmt.Sprint("endpoints/", equipment), fmt.Sprintf(`{"driver":"http","address":%q}`, failing.URL))
			binding = fmt.Sprintf("telemetry-bindings/%d/%d", equipment, parameter)
			p.made(http.MethodPut, "ctrl", binding, `{"driver":"http","read":{"path":"/"},"interval":0.5}`)
		},
		end: func(p *prometheus) {
			p.call(http.MethodDelete, "ctrl", "/api/v1/ctrl/"+binding, "", nil)
			failing.Close()
		},
	}
}
