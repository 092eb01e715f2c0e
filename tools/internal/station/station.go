// Package station gives the devices of the simulator their place in a development stack: equipment, commands and parameters
// in the catalogues of cfg, endpoints and command bindings in ctrl. It speaks to the services as any client does.
package station

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// System is where the services are, and who speaks to them.
type System struct {
	Auth, Cfg, Ctrl string // URLs, without a slash at the end
	Login, Password string
	// Simulator is the simulator's address, host:port, as ctrl reaches it.
	Simulator string
}

// Load makes what is missing, and leaves what is there as it is, but for endpoints at the address moved, at which the simulator
// was before: they follow it. Called again it changes nothing.
func Load(ctx context.Context, s System, moved string) error {
	c := &client{System: s, http: &http.Client{Timeout: patience}}
	defer c.http.CloseIdleConnections()
	if err := c.logIn(ctx); err != nil {
		return err
	}
	if err := c.call(ctx, http.MethodPost, s.Cfg+"/api/v1/cfg/import", document(), nil); err != nil {
		return err
	}
	equipment, err := c.equipment(ctx, above)
	if err != nil {
		return err
	}
	commands, err := c.commands(ctx, sections)
	if err != nil {
		return err
	}
	for _, d := range devices() {
		id, found := equipment[d.equipment]
		if !found {
			continue // somebody has moved it away
		}
		if err := c.endpoint(ctx, d, id, moved); err != nil {
			return fmt.Errorf("the endpoint of %s: %w", d.equipment, err)
		}
		for _, one := range d.kind.commands {
			if err := c.bind(ctx, commands[place{id, one.name}], one); err != nil {
				return fmt.Errorf("the command %s of %s: %w", one.name, d.equipment, err)
			}
		}
	}
	return nil
}

// patience bounds one call.
const patience = 30 * time.Second

type client struct {
	System

	http  *http.Client
	token string
}

func (c *client) logIn(ctx context.Context) error {
	form := url.Values{"grant_type": {"password"}, "username": {c.Login}, "password": {c.Password}}
	var grant struct {
		Token string `json:"access_token"`
	}
	err := c.send(ctx, http.MethodPost, c.Auth+"/api/v1/auth/token", "application/x-www-form-urlencoded", []byte(form.Encode()), &grant)
	c.token = grant.Token
	return err
}

// node is one of cfg's tree.
type node struct {
	ID      int64
	Name    string
	Content []node
}

// equipment returns the ids of a root of the equipment and of what stands below it, by name.
func (c *client) equipment(ctx context.Context, root string) (map[string]int64, error) {
	var tree []node
	err := c.call(ctx, http.MethodGet, c.Cfg+"/api/v1/cfg/equipments?root-name="+url.QueryEscape("/"+root), nil, &tree)
	ids := map[string]int64{}
	var visit func([]node)
	visit = func(level []node) {
		for _, n := range level {
			ids[n.Name] = n.ID
			visit(n.Content)
		}
	}
	visit(tree)
	return ids, err
}

// place is where a command stands: its equipment and its name.
type place struct {
	equipment int64
	name      string
}

// commands returns the ids of the commands in a root of the sections and below it.
func (c *client) commands(ctx context.Context, root string) (map[place]int64, error) {
	var tree []node
	if err := c.call(ctx, http.MethodGet, c.Cfg+"/api/v1/cfg/commands-toc?root-name="+url.QueryEscape("/"+root), nil, &tree); err != nil {
		return nil, err
	}
	if len(tree) != 1 {
		return nil, fmt.Errorf("cfg has no section %s", root)
	}
	var page struct {
		Content []struct {
			ID          int64
			Name        string
			EquipmentID int64 `json:"equipment_id"`
		}
	}
	err := c.call(ctx, http.MethodGet, c.Cfg+"/api/v1/cfg/commands?limit=5000&toc-id="+strconv.FormatInt(tree[0].ID, 10), nil, &page)
	ids := map[place]int64{}
	for _, one := range page.Content {
		ids[place{one.EquipmentID, one.Name}] = one.ID
	}
	return ids, err
}

// endpoint says where a device is, unless somebody has said that.
func (c *client) endpoint(ctx context.Context, d device, id int64, moved string) error {
	address := c.Ctrl + "/api/v1/ctrl/endpoints/" + strconv.FormatInt(id, 10)
	var present struct{ Driver, Address string }
	switch found, err := c.find(ctx, address, &present); {
	case err != nil:
		return err
	case !found:
		return c.call(ctx, http.MethodPut, address,
			object{"driver": "simulator", "address": c.Simulator, "options": object{"device": d.name}}, nil)
	case present.Driver == "simulator" && present.Address == moved && moved != c.Simulator:
		return c.call(ctx, http.MethodPatch, address, object{"address": c.Simulator}, nil)
	}
	return nil
}

// bind says how a command is spoken, unless somebody has said that; id is 0 for one that was put elsewhere.
func (c *client) bind(ctx context.Context, id int64, one command) error {
	if id == 0 {
		return nil
	}
	address := c.Ctrl + "/api/v1/ctrl/command-bindings/" + strconv.FormatInt(id, 10)
	found, err := c.find(ctx, address, nil)
	if err != nil || found {
		return err
	}
	body := object{"driver": "simulator"}
	maps.Copy(body, one.binding)
	return c.call(ctx, http.MethodPut, address, body, nil)
}

// refusal is an answer that is none of 200 to 299.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return fmt.Sprintf("the answer is %d: %s", r.status, r.text) }

// find reads an item; found is false when there is none.
func (c *client) find(ctx context.Context, address string, into any) (found bool, err error) {
	err = c.call(ctx, http.MethodGet, address, nil, into)
	if r, ok := errors.AsType[*refusal](err); ok && r.status == http.StatusNotFound {
		return false, nil
	}
	return err == nil, err
}

// call sends JSON, or nothing when body is nil, and reads the answer into what is given.
func (c *client) call(ctx context.Context, method, address string, body, into any) error {
	if body == nil {
		return c.send(ctx, method, address, "", nil, into)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.send(ctx, method, address, "application/json", raw, into)
}

func (c *client) send(ctx context.Context, method, address, kind string, body []byte, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return &refusal{response.StatusCode, wordsOf(raw)}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}

// wordsOf returns what a problem document says.
func wordsOf(raw []byte) string {
	var problem struct {
		Detail string `json:"detail"`
		Errors []struct {
			Location string `json:"location"`
			Message  string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(raw, &problem) != nil {
		return strings.TrimSpace(string(raw))
	}
	words := []string{problem.Detail}
	for _, one := range problem.Errors {
		words = append(words, one.Location+" "+one.Message)
	}
	return strings.Join(words, "; ")
}
