package measure

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// Ready is an answer that the bare server sends without any work.
type Ready struct {
	Status int         `json:"status"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
}

// bareHandler is the ceiling of all services: gin without any middleware. GET /<name> returns the ready-made answer
// that PUT /<name> brought. POST reads the body and drops it.
func bareHandler() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	var answers sync.Map
	engine.PUT("/:name", func(c *gin.Context) {
		var ready Ready
		if err := json.NewDecoder(c.Request.Body).Decode(&ready); err != nil {
			c.String(http.StatusBadRequest, err.Error())
			return
		}
		answers.Store(c.Param("name"), ready)
	})
	engine.GET("/:name", func(c *gin.Context) {
		found, ok := answers.Load(c.Param("name"))
		if !ok {
			c.Status(http.StatusNotFound)
			return
		}
		ready, _ := found.(Ready)
		for name, values := range ready.Header {
			c.Header(name, values[0])
		}
		if ready.Status == http.StatusNotModified {
			c.Status(ready.Status)
			return
		}
		c.Header("Content-Length", strconv.Itoa(len(ready.Body)))
		c.Data(ready.Status, ready.Header.Get("Content-Type"), ready.Body)
	})
	engine.POST("/*any", func(c *gin.Context) {
		_ = http.NewResponseController(c.Writer).EnableFullDuplex() // a failure shows in what the clients count
		_, _ = io.Copy(io.Discard, c.Request.Body)                  // as above
		if c.ContentType() == "application/x-ndjson" {
			c.Status(http.StatusOK)
			return
		}
		c.Status(http.StatusCreated)
	})
	return engine
}

// BareCommand is the argument with which the program runs ServeBare in place of the benchmarks.
const BareCommand = "bare"

// ServeBare serves the ceiling on a free loopback port, whose address it prints, until in ends: the process that
// started it holds the other end.
func ServeBare(ctx context.Context, in io.Reader, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: bareHandler(), ReadHeaderTimeout: 10 * time.Second}
	if _, err := fmt.Fprintln(out, listener.Addr()); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, in) // until the starter is gone
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// bare is the ceiling in a process of its own.
type bare struct {
	address string
	leash   io.Closer
	cmd     *exec.Cmd
}

func startBare(ctx context.Context) (*bare, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, BareCommand)
	cmd.Stderr = os.Stderr
	leash, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b := &bare{leash: leash, cmd: cmd}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.close()
		return nil, fmt.Errorf("the bare server did not start: %w", err)
	}
	b.address = strings.TrimSpace(line)
	return b, nil
}

func (b *bare) close() {
	_ = b.leash.Close()
	_ = b.cmd.Wait() // it was told to end
}

// offer makes GET /name answer so.
func (b *bare) offer(ctx context.Context, name string, ready Ready) error {
	body, err := json.Marshal(ready)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://"+b.address+"/"+name, strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the bare server answered %s", response.Status)
	}
	return nil
}
