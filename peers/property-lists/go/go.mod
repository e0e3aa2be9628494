module plist-readers

go 1.21

require (
	github.com/micromdm/plist v0.2.2
	howett.net/plist v1.0.1
)
