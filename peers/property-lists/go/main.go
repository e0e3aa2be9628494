// Prints, a line of JSON for each file named, what a property list reader of Go makes of it: the value, or null where it
// refuses the file. The lines are those of corefoundation.c. The reader is named first: howett or micromdm.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"

	micromdm "github.com/micromdm/plist"
	howett "howett.net/plist"
)

func shown(value any) any {
	switch value := value.(type) {
	case bool, string:
		return value
	case int64:
		return map[string]string{"integer": strconv.FormatInt(value, 10)}
	case uint64:
		return map[string]string{"integer": strconv.FormatUint(value, 10)}
	case float64:
		return map[string]string{"real": strconv.FormatFloat(value, 'g', -1, 64)}
	case float32:
		return map[string]string{"real": strconv.FormatFloat(float64(value), 'g', -1, 64)}
	case time.Time:
		since := float64(value.Unix()-978307200) + float64(value.Nanosecond())/1e9
		return map[string]string{"date": strconv.FormatFloat(since, 'f', -1, 64)}
	case []byte:
		return map[string]string{"data": hex.EncodeToString(value)}
	case []any:
		items := make([]any, 0, len(value))
		for _, item := range value {
			items = append(items, shown(item))
		}
		return map[string]any{"array": items}
	case map[string]any:
		keys := make([]string, 0, len(value))
		for key := range value {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		pairs := make([]any, 0, len(keys))
		for _, key := range keys {
			pairs = append(pairs, []any{key, shown(value[key])})
		}
		return map[string]any{"dict": pairs}
	default:
		return map[string]string{"other": fmt.Sprintf("%T", value)}
	}
}

func read(reader, path string) (value any, err error) {
	defer func() {
		if trouble := recover(); trouble != nil {
			err = fmt.Errorf("%v", trouble)
		}
	}()
	octets, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if reader == "howett" {
		_, err = howett.Unmarshal(octets, &value)
	} else {
		err = micromdm.Unmarshal(octets, &value)
	}
	return value, err
}

func main() {
	for _, path := range os.Args[2:] {
		value, err := read(os.Args[1], path)
		if err != nil {
			fmt.Println("null")
			continue
		}
		line, _ := json.Marshal(shown(value))
		fmt.Println(string(line))
	}
}
