"""The script and the page that go with a bundle: an auditor reads them, and then runs the script (decision 28)."""

README = """\
Evidence of recovery drills, to be verified with sh, sha256sum and ssh-keygen alone:

    sh verify.sh SIGNERS REVOKED PEOPLE      exit 0 where all of it holds, 1 where anything does not

Read verify.sh first: it is short, and nothing here proves that nobody changed it. Have SIGNERS, REVOKED and PEOPLE from
another source, from whom you trust: they say whose keys count (ssh-keygen(1), ALLOWED SIGNERS), which no longer do, and
who is who. They are trust/allowed_signers, trust/revoked and the folder catalogue/people of
{revision}; who left since is in that folder's history.
In place of those that you do not name, `signers`, `revoked` and `people` of this bundle are used, which whoever made it
may have written; verify.sh ends with what it used.

Keys are judged as of now. Of a key that is no longer valid, two more ways tell whether it was:

    sh verify.sh -t 2026-12-01 ...           as of the beginning of that day, UTC
    sh verify.sh -t own ...                  as of the times that the records name: who signed may have chosen them

evidence/ID/evidence.yaml       what the drill showed; it names the SHA-256 of its logs, and who ran it
evidence/ID/evidence.yaml.sig   by who ran it, for svcops-evidence-execute@v1
evidence/ID/approval.yaml       another person's approval, which names the SHA-256 of evidence.yaml
evidence/ID/approval.yaml.sig   by that person, for svcops-evidence-approve@v1
evidence/ID/logs/               what was said
people/                         who these persons are, and their addresses
signers, revoked                whose keys count, and which no longer do
SHA256SUMS                      all files, against damage on the way

What this cannot tell is whether other evidence was left out: each evidence.yaml names those before it under `after`,
and verify.sh says which of them are not in the bundle. Ask for these, and for the repository. Whoever made this bundle
had one, of which svcops said:

{completeness}
"""

SCRIPT = r"""#!/bin/sh
# Verifies this bundle with sh, sha256sum and ssh-keygen alone:
#     sh verify.sh [-t own|YYYY-MM-DD] [SIGNERS [REVOKED [PEOPLE]]]
# Without -t keys are judged as of now. What is named was had from another source; in place of the rest, the bundle's
# own is used. Nothing that is not signed decides anything but which evidence is looked at: who, what, when and after
# what is read from the signed records, as svcops writes them. What is written in another way is NOT GOOD.
set -uf
LC_ALL=C TZ=UTC0
export LC_ALL TZ
letters=AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz
wrong=0 count=0 used='' when=now
[ "${1-}" = -t ] && [ $# -gt 1 ] && when=$2 && shift 2
case $when in
now | own | [0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]) ;;
*) echo "-t $when: own, or a day such as 2026-12-01" >&2 && exit 2 ;;
esac

absolute() { case $1 in /*) found=$1 ;; *) found=$PWD/$1 ;; esac; }

signers=signers revoked=revoked people=people
[ $# -gt 0 ] && absolute "$1" && signers=$found
[ $# -gt 1 ] && absolute "$2" && revoked=$found
[ $# -gt 2 ] && absolute "$3" && people=$found
case $0 in */*) cd -- "${0%/*}" || exit 3 ;; esac

fail() {
    printf '  NOT GOOD: %s\n' "$*"
    wrong=1
}

sum() { found=$(sha256sum 2>&1 <"$1") && found=${found%% *} || found=unreadable; }

# A text in small letters, as addresses are compared.
lower() {
    rest=$1 found=''
    while [ -n "$rest" ]; do
        letter=${rest%"${rest#?}"}
        rest=${rest#?}
        case $letter in [A-Z])
            pair=${letters#*"$letter"}
            letter=${pair%"${pair#?}"}
            ;;
        esac
        found=$found$letter
    done
}

# The value of the one line `KEY: VALUE` of a record; empty where there is none.
value() {
    found='' lines=0
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in "$2:"*) lines=$((lines + 1)) found=${line#"$2:"} ;; esac
    done <"$1"
    found=${found# }
    case $found in '"'*'"' | "'"*"'") found=${found#?} && found=${found%?} ;; esac
    [ "$lines" -le 1 ] || fail "$1 says twice: $2"
}

# Whether a record has the form in which svcops writes one: every line at its left begins with a key.
formed() {
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in '' | ' '* | '#'*) continue ;; esac
        key=${line%%:*} rest=${line#*:}
        case $key in '' | "$line" | *[!a-z_]*) fail "$1 is not written as svcops writes it: $line" ;; esac
        case $rest in '' | ' '*) ;; *) fail "$1 is not written as svcops writes it: $line" ;; esac
    done <"$1"
}

# The addresses of a person, as their record writes them under `emails`.
addresses() {
    found='' on=''
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        emails:*) on=1 line=${line#emails:} ;;
        [!\ -]*) on='' ;;
        esac
        [ -n "$on" ] || continue
        IFS=" ,[]\"'"
        for word in ${line%%#*}; do
            case $word in *@*) found="$found $word" ;; esac
        done
        unset IFS
    done <"$1"
}

# Who is meant by a name of PEOPLE, or by an address that one person alone has: their name and addresses.
person() {
    name='' mails='' small=''
    case $1 in
    '' | *[!A-Za-z0-9.@_+-]*) return ;;
    *@*)
        lower "$1"
        wanted=$found
        set +f
        for file in "$people"/*.yaml; do
            [ -f "$file" ] || continue
            addresses "$file"
            lower "$found"
            case " $found " in *" $wanted "*)
                file=${file##*/}
                name="$name ${file%.yaml}"
                ;;
            esac
        done
        set -f
        name=${name# }
        case $name in *' '*) name='' ;; esac
        ;;
    *) [ -f "$people/$1.yaml" ] && name=$1 ;;
    esac
    [ -n "$name" ] || return
    addresses "$people/$name.yaml"
    mails=$found
    lower "$mails"
    small=$found
    case " $used " in *" $name "*) ;; *) used="$used $name" ;; esac
}

# A time of a record as ssh-keygen takes it, in UTC: 20261115233000 for 2026-11-16T00:30:00+01:00.
utc() {
    found=''
    case $1 in [1-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*) ;; *) return ;; esac
    year=${1%%-*} && rest=${1#*-} && time=${1#*T}
    month=$((1${rest%%-*} - 100)) && rest=${rest#*-} && day=$((1${rest%%T*} - 100))
    hour=${time%%:*} && rest=${time#*:} && minute=${rest%%:*} && rest=${rest#*:}
    zone=${rest#??} && second=${rest%"$zone"}
    case $zone in .*) zone=${zone#.} && zone=${zone#"${zone%%[!0-9]*}"} ;; esac
    rest=${zone#?}
    case $zone in
    Z) ahead=0 ;;
    +[0-9][0-9]:[0-9][0-9]) ahead=$(((1${rest%:*} - 100) * 60 + 1${rest#*:} - 100)) ;;
    -[0-9][0-9]:[0-9][0-9]) ahead=$(((100 - 1${rest%:*}) * 60 + 100 - 1${rest#*:})) ;;
    *) return ;;
    esac
    minute=$(((1$hour - 100) * 60 + 1$minute - 100 - ahead))
    [ "$minute" -lt 0 ] && minute=$((minute + 1440)) && day=$((day - 1))
    [ "$minute" -ge 1440 ] && minute=$((minute - 1440)) && day=$((day + 1))
    [ "$day" -lt 1 ] && month=$((month - 1))
    [ "$month" -lt 1 ] && month=12 && year=$((year - 1))
    length=31
    case $month in
    4 | 6 | 9 | 11) length=30 ;;
    2) length=28 && [ $((year % 4)) = 0 ] && [ $((year % 100)) != 0 -o $((year % 400)) = 0 ] && length=29 ;;
    esac
    [ "$day" -lt 1 ] && day=$length
    [ "$day" -gt "$length" ] && day=1 && month=$((month + 1))
    [ "$month" -gt 12 ] && month=1 && year=$((year + 1))
    found=$(printf '%d%02d%02d%02d%02d%s' "$year" "$month" "$day" $((minute / 60)) $((minute % 60)) "$second")
}

# As of when the keys of a record are judged, as an option of ssh-keygen and in words.
judged() {
    as_of='' told=''
    case $when in
    own)
        value "$1" "$2"
        utc "$found"
        as_of="-Overify-time=${found:-00000000}" told=" as of $found"
        [ -n "$found" ] || fail "$1 has no time of its own: $2"
        ;;
    [0-9]*)
        utc "${when}T00:00:00Z"
        as_of="-Overify-time=$found" told=" as of $when"
        ;;
    esac
}

check() { ssh-keygen -Y verify -f "$signers" -r "$revoked" -s "$1.sig" -I "$2" -n "$3" $as_of 2>&1 <"$1"; }

# The names under which the list of signers has the key of a signature, those of its first line that has it.
principals() {
    known=$(ssh-keygen -Y find-principals -f "$signers" -s "$1.sig" $as_of 2>&1 </dev/null) || known=''
    IFS=',
'
    set -- $known
    unset IFS
    known="$*"
}

# A record is signed by who it says, for a purpose: their name, addresses, the one that signed, and the key.
signed() {
    mail='' key='' said=''
    value "$1" by
    by=$found
    person "$by"
    [ -n "$name" ] || fail "$1: who $by is cannot be told by $people"
    principals "$1"
    candidates=''
    for one in $known; do
        lower "$one"
        case " $small " in *" $found "*) candidates="$candidates $one" ;; esac
    done
    for one in $candidates $mails; do
        answer=$(check "$1" "$one" "$2") && mail=$one && key=${answer##* } && break
        said=${said:-$answer}
    done
    case $key in SHA256:*) ;; *) fail "$1 is not signed by ${name:-$by} (addresses:${mails:- none}): $said" ;; esac
}

# The key of a signature is not another person's, too: a record, its purpose, and that person's name and addresses.
own_key() {
    principals "$1"
    shared=''
    for one in $4; do
        (check "$1" "$one" "$2") >/dev/null && shared=$one
    done
    for one in $known; do
        lower "$one"
        for theirs in $5; do
            case $theirs in $found) shared=$one ;; esac
        done
    done
    [ -z "$shared" ] || fail "$1: its key is also $3's, as $shared"
}

# Every log that evidence names is there as it was: the pairs of `log` and `digest` under `stages` and `cases`.
logs() {
    on='' log=''
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        stages: | cases:) on=1 && continue ;;
        stages:* | cases:*) fail "$1 is not written as svcops writes it: $line" ;;
        [!\ ]*) on='' ;;
        esac
        [ -n "$on" ] || continue
        case $line in
        '' | '     '*) continue ;;
        '  - '*) [ -z "$log" ] || fail "$1 has no digest of $log"; log='' ;;
        '    '*) ;;
        *) fail "$1 is not written as svcops writes it: $line" ;;
        esac
        line=${line#????}
        case ${line%%:*} in '' | "$line" | *[!a-z_]*) fail "$1 is not written as svcops writes it: $line" ;; esac
        case $line in
        'log: '*)
            log=${line#log: }
            log=${log#[\"\']}
            log=${log%[\"\']}
            case $log in logs/*) ;; *) fail "$log is no log" ;; esac
            case /$log/ in */../*) fail "$log is no log" ;; esac
            ;;
        'digest: sha256:'*)
            sum "${1%/*}/$log"
            [ "$found" != unreadable ] || fail "${1%/*}/$log cannot be read"
            [ "$found" = "${line#digest: sha256:}" ] || fail "${1%/*}/$log is not as it was"
            log=''
            ;;
        esac
    done <"$1"
    [ -z "$log" ] || fail "$1 has no digest of $log"
}

# What evidence names before it is here as it was, or it is told that it is not here.
chain() {
    on='' before=''
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        after:) on=1 && continue ;;
        after:*) fail "$1 is not written as svcops writes it: $line" ;;
        [!\ ]*) on='' ;;
        esac
        [ -n "$on" ] || continue
        case $before$line in
        '  - id: evidence-'*) before=${line#'  - id: '} ;;
        evidence-*'    digest: sha256:'*)
            case $before in *[!a-z0-9-]*) fail "$before is no id" ;; esac
            sum "evidence/$before/evidence.yaml" 2>/dev/null
            if [ "$found" = unreadable ]; then
                echo "  comes after $before, which is not in this bundle"
            elif [ "$found" != "${line#'    digest: sha256:'}" ]; then
                fail "it comes after $before, which was another"
            fi
            before=''
            ;;
        *) [ -z "$line" ] || fail "$1 is not written as svcops writes it: $line" ;;
        esac
    done <"$1"
    [ -z "$before" ] || fail "$1 has no digest of $before"
}

one() {
    evidence=evidence/$1/evidence.yaml approval=evidence/$1/approval.yaml
    [ -f "$evidence" ] && [ -f "$approval" ] || { fail "evidence/$1 is not whole" && return; }
    formed "$evidence"
    formed "$approval"
    value "$evidence" id
    [ "$found" = "$1" ] || fail "$evidence is of another id: ${found:-none}"
    judged "$evidence" ended_at
    signed "$evidence" svcops-evidence-execute@v1
    executor=$name its_mail=$mail its_key=$key its_mails=$mails its_small=$small its_told=$told its_as_of=$as_of
    judged "$approval" at
    signed "$approval" svcops-evidence-approve@v1
    [ "$executor" != "$name" ] || fail "who ran it approved it: $name"
    [ "$its_key" != "$key" ] || fail "one key signed both: $key"
    for mine in $its_small; do
        case " $small " in *" $mine "*) fail "$executor and $name have one address: $mine" ;; esac
    done
    approver=$name approver_mail=$mail approver_small=$small approver_mails=$mails approver_told=$told
    own_key "$approval" svcops-evidence-approve@v1 "$executor" "$its_mails" "$its_small"
    as_of=$its_as_of
    own_key "$evidence" svcops-evidence-execute@v1 "$approver" "$approver_mails" "$approver_small"
    value "$evidence" witness
    if [ "$lines" -gt 0 ]; then
        witness=$found
        person "$witness"
        [ -n "$name" ] || fail "who the witness is, $witness, cannot be told by $people"
        [ "$approver" != "$name" ] || fail "its witness approved it: $name"
    fi
    sum "$evidence"
    digest=$found
    value "$approval" digest
    [ "$found" = "sha256:$digest" ] || fail "the approval is of other bytes"
    value "$approval" of
    case /$found in */"$1"/evidence.yaml) ;; *) fail "the approval is of another evidence: $found" ;; esac
    value "$approval" role
    [ "$found" = approver ] || fail "the approval is no approver's"
    logs "$evidence"
    chain "$evidence"
    value "$evidence" verdict
    echo "  $found: signed by $executor ($its_mail)$its_told, approved by $approver ($approver_mail)$approver_told"
}

list() {
    sum "$2"
    case $2 in /*) whose='which you named' ;; *) whose="the bundle's own" ;; esac
    echo "$1: $2, $whose, SHA-256 $found"
    [ "$found" != unreadable ] || fail "$2 cannot be read"
}

sha256sum -c --quiet --strict SHA256SUMS || fail "a file is not as it was bundled"
while IFS= read -r id || [ -n "$id" ]; do
    count=$((count + 1))
    echo "$id"
    case $id in '' | *[!a-z0-9-]*) fail "that is no id" ;; *) one "$id" ;; esac
done <evidence.list
[ "$count" -gt 0 ] || fail "evidence.list names no evidence"
list "signers" "$signers"
list "revoked" "$revoked"
for one in $used; do list "person" "$people/$one.yaml"; done
case $when in
now) told='as of now' ;;
own) told='as of their own times, as the records say' ;;
*) told="as of $when" ;;
esac
[ "$wrong" = 0 ] && echo "All of it holds, keys judged $told." || echo "NOT ALL OF IT HOLDS, keys judged $told."
exit "$wrong"
"""
