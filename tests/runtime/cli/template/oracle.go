// oracle: what Go's own text/template makes of the templates in cases.json, with the functions that
// Docker's command line adds (github.com/docker/cli/templates). Reads cases.json on standard input
// and writes it with the results filled in; null is an error.
//
//	go run oracle.go <cases.json
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"text/template"
)

type cases struct {
	Data any     `json:"data"`
	Rows [][]any `json:"rows"`
}

// Docker's data are structs with integers; JSON's numbers would all be float64.
func settle(value any) any {
	switch value := value.(type) {
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return whole
		}
		real, _ := value.Float64()
		return real
	case []any:
		strings := make([]string, 0, len(value))
		for i := range value {
			value[i] = settle(value[i])
			if text, ok := value[i].(string); ok {
				strings = append(strings, text)
			}
		}
		if len(strings) == len(value) {
			return strings
		}
	case map[string]any:
		texts := map[string]string{}
		for key := range value {
			value[key] = settle(value[key])
			if text, ok := value[key].(string); ok {
				texts[key] = text
			}
		}
		if len(texts) == len(value) {
			return texts
		}
	}
	return value
}

var functions = template.FuncMap{
	"json": func(value any) string {
		buffer := &bytes.Buffer{}
		encoder := json.NewEncoder(buffer)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			panic(err)
		}
		return strings.TrimSpace(buffer.String())
	},
	"split": strings.Split,
	"join":  strings.Join,
	"title": strings.Title,
	"lower": strings.ToLower,
	"upper": strings.ToUpper,
	"pad": func(text string, before, after int) string {
		if text == "" {
			return text
		}
		return strings.Repeat(" ", before) + text + strings.Repeat(" ", after)
	},
	"truncate": func(text string, length int) string {
		if characters := []rune(text); len(characters) > length {
			return string(characters[:length])
		}
		return text
	},
}

func result(source string, data any) any {
	parsed, err := template.New("").Funcs(functions).Parse(source)
	if err != nil {
		return nil
	}
	buffer := &bytes.Buffer{}
	if err := parsed.Execute(buffer, data); err != nil {
		return nil
	}
	return buffer.String()
}

func main() {
	var all cases
	decoder := json.NewDecoder(os.Stdin)
	decoder.UseNumber()
	if err := decoder.Decode(&all); err != nil {
		panic(err)
	}
	written, _ := json.Marshal(all.Data)
	data := settle(all.Data)
	os.Stdout.WriteString("{\n\"data\": " + string(written) + ",\n\"rows\": [\n")
	for i, row := range all.Rows {
		source := row[0].(string)
		buffer := &bytes.Buffer{}
		encoder := json.NewEncoder(buffer)
		encoder.SetEscapeHTML(false)
		encoder.Encode([]any{source, result(source, data)})
		os.Stdout.WriteString("\t" + strings.TrimSpace(buffer.String()))
		if i+1 < len(all.Rows) {
			os.Stdout.WriteString(",")
		}
		os.Stdout.WriteString("\n")
	}
	os.Stdout.WriteString("]\n}\n")
}
