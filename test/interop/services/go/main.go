// One hop of the relay in Go: net/http under OpenTelemetry's own otelhttp, formats by OTEL_PROPAGATORS.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/contrib/propagators/autoprop"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

type answer struct {
	Name    string            `json:"name"`
	Baggage map[string]string `json:"baggage"`
	Below   json.RawMessage   `json:"below,omitempty"`
}

func main() {
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		log.Fatal(err)
	}
	res, err := resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil {
		log.Fatal(err)
	}
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(res)))
	otel.SetTextMapPropagator(autoprop.NewTextMapPropagator())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening %d\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, otelhttp.NewHandler(http.HandlerFunc(relay), "relay")))
}

func relay(writer http.ResponseWriter, request *http.Request) {
	given := answer{Name: "go", Baggage: map[string]string{}}
	for _, member := range baggage.FromContext(request.Context()).Members() {
		given.Baggage[member.Key()] = member.Value()
	}
	next, rest, _ := strings.Cut(request.URL.Query().Get("route"), " ")
	if next != "" {
		below, err := call(request.Context(), next+"?route="+url.QueryEscape(rest))
		if err != nil {
			http.Error(writer, err.Error(), http.StatusBadGateway)
			return
		}
		given.Below = below
	}
	writer.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(writer).Encode(given); err != nil {
		log.Print(err)
	}
}

func call(ctx context.Context, address string) (json.RawMessage, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var below json.RawMessage
	err = json.NewDecoder(response.Body).Decode(&below)
	return below, err
}
