#!/bin/sh
# Verifies this bundle with ssh-keygen, sha256sum and what every system has:
#     sh verify.sh [-t YYYY-MM-DD] [SIGNERS [REVOKED [PEOPLE]]]
# SIGNERS, REVOKED and PEOPLE were had from another source; in place of those left out the bundle's own are used. Keys
# are judged as of now, or of the beginning of a day, UTC. Who, what and after what is read from the signed records
# alone, as svcops writes them: what is written in another way is NOT GOOD.
set -uf
LC_ALL=C TZ=UTC0 CDPATH=
export LC_ALL TZ
faults=0 count=0 used='' when=now as_of=''
if [ "${1-}" = -t ]; then
    when=${2-}
    month=${when%-*} day=${when##*-}
    case $month in [12][0-9][0-9][0-9]-0[1-9] | [12][0-9][0-9][0-9]-1[0-2]) ;; *) day='' ;; esac
    case $day in 0[1-9] | [12][0-9] | 3[01]) ;; *) echo "-t $when: a day such as 2026-12-01" >&2 && exit 2 ;; esac
    as_of=-Overify-time=$(echo "$when" | tr -d -)
    shift 2
fi

absolute() { case $1 in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac; }

signers=signers revoked=revoked people=people
[ $# -lt 1 ] || signers=$(absolute "$1")
[ $# -lt 2 ] || revoked=$(absolute "$2")
[ $# -lt 3 ] || people=$(absolute "$3")
for one in "$@"; do
    [ -r "$one" ] || { echo "$one: it cannot be read; in place of a list that is nowhere: /dev/null" >&2 && exit 2; }
done
case $0 in */*) cd -- "${0%/*}" || exit 3 ;; esac

fail() {
    printf '  NOT GOOD: %s\n' "$*"
    faults=$((faults + 1))
}

sum() { sha256sum 2>/dev/null <"$1" | cut -c 1-64; }

# What is written in another way than svcops writes: a key twice, or what the functions below would not see.
misshapen() {
    awk '
        /^[a-z_]+:( |$)/ { key = $1; is_list = key ~ /^(after|cases|stages):$/; is_item = 0; is_key = 1 }
        !/^[a-z_]+:( |$)/ { is_key = 0 }
        /^$/ || /^#/ || (key && !is_list && /^ /) { next }
        is_key && ++seen[key] == 1 && (is_list ? $0 == key : $0 !~ /^(by|id|verdict|witness|of|digest|role): *$/) { next }
        is_list && /^  - / { is_item = 1 }
        is_item && /^      / { next }
        is_item && /^(  - |    )[a-z_]+:( |$)/ && !/^....(id|log|digest): *$/ { next }
        { print FILENAME " is not written as svcops writes it: " $0; exit }' "$1"
}

# The value of a line `KEY: VALUE` of a record.
value() {
    awk -v key="$2: " '
        index($0, key) == 1 { $0 = substr($0, length(key) + 1); gsub(/^["\047]|["\047]$/, ""); print }' "$1"
}

# A line an item of lists of a record that are named by a pattern: the value of a key, and the digest after it.
digests() {
    awk -v lists="^($2):" -v key="$3: " '
        /^[a-z_]+:/ { on = $0 ~ lists; next }
        on && /^  - / && item { print "none", item; item = "" }
        on { sub(/^(  - |    )/, "") }
        on && index($0, key) == 1 { item = substr($0, length(key) + 1); gsub(/^["\047]|["\047]$/, "", item) }
        on && /^digest: sha256:/ { print substr($0, 16), item; item = "" }
        END { if (item) print "none", item }' "$1"
}

# The addresses of a person, in small letters.
addresses() {
    awk '/^[a-z_]+:/ { on = /^emails:/; sub(/^emails:/, "") }
        on { sub(/(^| )#.*/, ""); gsub(/[][,]/, " "); print tolower($0) }' <"$1" | tr -s ' ' '\n' |
        awk '/@/ { gsub(/^["\047]|["\047]$/, ""); print }'
}

# Who is meant by a name of PEOPLE, or by an address that one person alone has: their name and addresses.
person() {
    name=$1
    case $1 in *@*)
        wanted=$(echo "$1" | tr A-Z a-z)
        name=$(set +f && cd "$people" && for file in *.yaml; do
            addresses "$file" | while read -r mail; do [ "$mail" != "$wanted" ] || echo "${file%.yaml}"; done
        done)
        ;;
    esac
    mails=''
    case $name in '' | *[!A-Za-z0-9._-]*) name='' ;; esac
    if [ -n "$name" ] && [ -f "$people/$name.yaml" ]; then
        mails=$(addresses "$people/$name.yaml")
        case " $used " in *" $name "*) ;; *) used="$used $name" ;; esac
    else
        fail "who $1 is cannot be told by $people"
    fi
}

check() { ssh-keygen -Y verify -f "$small" -r "$revoked" -s "$1.sig" -I "$2" -n "$3" $as_of 2>&1 <"$1"; }

# A record is signed by who it says, for a purpose: the address that did, and the key.
signed() {
    mail='' key='' said=''
    person "$(value "$1" by)"
    for one in $mails; do
        answer=$(check "$1" "$one" "$2") && mail=$one && key=${answer##* } && return
        said=${said:-$answer}
    done
    fail "$1 is not signed by ${name:-anybody} (addresses: $(echo ${mails:-none})): $said"
}

logs() {
    digests "$1/evidence.yaml" 'stages|cases' log | while read -r digest log; do
        case $log in logs/*) ;; *) echo "$1: a log that is none: $log" ;; esac
        case /$log/ in */../*) echo "$1: a log that is none: $log" ;; esac
        [ "$(sum "$1/$log")" = "$digest" ] || echo "$1/$log is not there as it was"
    done
}

# What evidence names before it; what is not here is told, and what is another is wrong.
chain() {
    digests "$1/evidence.yaml" after id | while read -r digest before; do
        case $before in '' | *[!a-z0-9-]*) echo "$1 names what is no id: $before" && continue ;; esac
        found=$(sum "evidence/$before/evidence.yaml")
        [ -n "$found" ] || echo "  comes after $before, which is not in this bundle" >&3
        [ "${found:-$digest}" = "$digest" ] || echo "$1 comes after $before, which was another"
    done
}

one() {
    evidence=evidence/$1/evidence.yaml approval=evidence/$1/approval.yaml before=$faults
    [ -f "$evidence" ] && [ -f "$approval" ] || { fail "evidence/$1 is not whole" && return; }
    problems=$(misshapen "$evidence" && misshapen "$approval")
    [ -z "$problems" ] || fail "$problems"
    [ "$(value "$evidence" id)" = "$1" ] || fail "$evidence is of another id"
    signed "$evidence" svcops-evidence-execute@v1
    executor=$name its_mail=$mail its_key=$key its_mails=$mails
    signed "$approval" svcops-evidence-approve@v1
    [ "$executor" != "$name" ] || fail "who ran it approved it: $name"
    [ -z "$key" ] || [ "$its_key" != "$key" ] || fail "one key signed both: $key"
    for mine in $its_mails; do
        case "
$mails
" in *"
$mine
"*) fail "$executor and $name have one address: $mine" ;; esac
        (check "$approval" "$mine" svcops-evidence-approve@v1) >/dev/null &&
            fail "the approval's key is also $executor's"
    done
    for theirs in $mails; do
        (check "$evidence" "$theirs" svcops-evidence-execute@v1) >/dev/null &&
            fail "the evidence's key is also $name's"
    done
    [ "$(value "$approval" digest)" = "sha256:$(sum "$evidence")" ] || fail "the approval is of other bytes"
    case /$(value "$approval" of) in */"$1"/evidence.yaml) ;; *) fail "the approval is of another evidence" ;; esac
    [ "$(value "$approval" role)" = approver ] || fail "the approval is no approver's"
    told="$(value "$evidence" verdict): signed by $executor ($its_mail), approved by $name ($mail)"
    approver=$name witness=$(value "$evidence" witness)
    [ -z "$witness" ] || person "$witness"
    [ -z "$witness" ] || [ "$approver" != "$name" ] || fail "its witness approved it: $name"
    problems=$(logs "evidence/$1" && chain "evidence/$1")
    [ -z "$problems" ] || fail "$problems"
    [ "$faults" != "$before" ] || echo "  $told"
}

list() {
    case $2 in /*) whose='which you named' ;; *) whose="the bundle's own" ;; esac
    found=$(sum "$2")
    echo "$1: $2, $whose, SHA-256 $found"
    [ -n "$found" ] || fail "$2 cannot be read"
}

# Addresses are compared in small letters, in the list of signers too.
exec 3>&1
small=$(mktemp) || exit 3
trap 'rm -f "$small"' EXIT
awk '{ if (match($0, /^("[^"]*"|[^ \t]+)/)) $0 = tolower(substr($0, 1, RLENGTH)) substr($0, RLENGTH + 1); print }' \
    "$signers" >"$small"

sha256sum -c --quiet --strict SHA256SUMS || fail "a file is not as it was bundled"
while read -r id <&4 || [ -n "$id" ]; do
    count=$((count + 1))
    echo "$id"
    case $id in '' | *[!a-z0-9-]*) fail "that is no id" ;; *) one "$id" ;; esac
done 4<evidence.list
[ "$count" -gt 0 ] || fail "evidence.list names no evidence"
list signers "$signers"
list revoked "$revoked"
for one in $used; do list person "$people/$one.yaml"; done
[ "$faults" = 0 ] && told='All of it holds' || told='NOT ALL OF IT HOLDS'
echo "$told, keys judged as of $when."
[ "$faults" = 0 ]
