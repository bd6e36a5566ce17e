#!/bin/sh
# A module in any language: it reads the controller's lines on its standard input, and answers them.
echo "log of $IPC_MODULE" && echo "warning of $IPC_MODULE" >&2
[ "$1" = late ] || echo '{"ipc":"ready"}'
while read -r line; do
    case "$line" in
    *'"stop"'*) echo '{"ipc":"stopped"}' ;;
    *'"resume"'*) echo '{"ipc":"resumed"}' ;;
    *'"ask"'*)
        id=${line##*:}
        echo "{\"ipc\":\"status\",\"id\":${id%\}},\"busy_ms\":0,\"channels\":{}}"
        ;;
    *'"quit"'*)
        echo '{"ipc":"quitting"}'
        case "$1" in
        stubborn) while :; do sleep 1; done ;;
        *) exit "${2:-0}" ;;
        esac
        ;;
    esac
done
