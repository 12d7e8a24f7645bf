"""The script and the page that go with a bundle: an auditor reads them, and then runs the script (decision 28)."""

README = """\
Evidence of recovery drills, to be verified with sh, sha256sum and ssh-keygen alone:

    sh verify.sh              exit 0 where all of it holds, 1 where anything does not

Read verify.sh first: it is short, and nothing here proves that nobody changed it. The same holds for `signers`, which
says whose keys count, as ssh-keygen(1) describes under ALLOWED SIGNERS. It is trust/allowed_signers of
{revision}. Get that file another way, from whom you trust, and name it:

    sh verify.sh SIGNERS [REVOKED]

evidence/ID/evidence.yaml       what the drill showed; it names the SHA-256 of its logs
evidence/ID/evidence.yaml.sig   by who ran it, for svcops-evidence-execute@v1
evidence/ID/logs.sha256         its logs, as sha256sum takes them
evidence/ID/approval.yaml       another person's approval, which names the SHA-256 of evidence.yaml
evidence/ID/approval.yaml.sig   by that person, for svcops-evidence-approve@v1
evidence/ID/people              whose addresses signed and approved, and as of when each key was judged
people/                         who these persons are, and their addresses
signers, revoked                whose keys count, and which no longer do
SHA256SUMS                      all files, against damage on the way

What this cannot tell is whether other evidence was left out: each evidence.yaml names those before it under `after`,
and verify.sh says which of them are not in the bundle. Ask for these, and for the repository.
"""

SCRIPT = """\
#!/bin/sh
# Verifies this bundle with sh, sha256sum and ssh-keygen alone: sh verify.sh [SIGNERS [REVOKED]]
# SIGNERS and REVOKED are lists that you got another way; without them those of the bundle are used.
set -u
LC_ALL=C TZ=UTC0
export LC_ALL TZ
signers=signers revoked=revoked
[ $# -gt 0 ] && case $1 in /*) signers=$1 ;; *) signers=$PWD/$1 ;; esac
[ $# -gt 1 ] && case $2 in /*) revoked=$2 ;; *) revoked=$PWD/$2 ;; esac
case $0 in */*) cd -- "${0%/*}" || exit 3 ;; esac
wrong=0

fail() {
    printf '  NOT GOOD: %s\\n' "$*"
    wrong=1
}

# Whether a file has a text in one of its lines.
has() {
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in *"$2"*) return 0 ;; esac
    done <"$1"
    return 1
}

sum() {
    found=$(sha256sum <"$1") || found=unreadable
    found=${found%% *}
}

# A signature: the file, the address whose key made it, the time at which that key has to be valid, and for what.
signed() {
    set -- "$1" -f "$signers" -r "$revoked" -s "$1.sig" -I "$2" -n "$4" -O "verify-time=$3"
    file=$1
    shift
    said=$(ssh-keygen -Y verify "$@" <"$file" 2>&1) || fail "$file: $said"
}

# Every log that evidence names on a line of its own is in the list, and every one of the list is as evidence says.
logs() {
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line#"${line%%[! ]*}"}
        line=${line#- }
        case $line in
        'log: '*)
            name=${line#log: }
            name=${name#[\\"\\']}
            name=${name%[\\"\\']}
            (has logs.sha256 "  $name") || fail "$1 names $name, which is not in the list of logs"
            ;;
        esac
    done <evidence.yaml
    while read -r digest name; do
        (has evidence.yaml "sha256:$digest") || fail "$1 names no log of the digest of $name"
        (has evidence.yaml "$name") || fail "$1 names no log $name"
    done <logs.sha256
    [ ! -s logs.sha256 ] || said=$(sha256sum -c --strict logs.sha256 2>&1) || fail "a log of $1 is not as it was: $said"
}

sha256sum -c --quiet --strict SHA256SUMS || fail "a file is not as it was bundled"
while read -r id; do
    echo "$id"
    read -r executor executed approver approved <"evidence/$id/people"
    at=evidence/$id
    signed "$at/evidence.yaml" "$executor" "$executed" svcops-evidence-execute@v1
    signed "$at/approval.yaml" "$approver" "$approved" svcops-evidence-approve@v1
    sum "$at/evidence.yaml"
    (has "$at/approval.yaml" "sha256:$found") || fail "the approval is of another evidence"
    (has "$at/approval.yaml" "/$id/evidence.yaml") || fail "the approval names another evidence"
    (has "$at/approval.yaml" "role: approver") || fail "the approval is no approver's"
    [ "$executor" != "$approver" ] || fail "who ran it approved it"
    same=$(ssh-keygen -Y find-principals -s "$at/approval.yaml.sig" -f "$signers" 2>&1)
    case ,$same, in *,"$executor",*) fail "the approval is signed with a key of who ran the drill" ;; esac
    before=$PWD
    cd "$at" && logs "$id"
    cd "$before" || exit 3
    while read -r named digest; do
        if [ ! -f "evidence/$named/evidence.yaml" ]; then
            echo "  comes after $named, which is not in this bundle"
            continue
        fi
        sum "evidence/$named/evidence.yaml"
        [ "sha256:$found" = "$digest" ] || fail "it comes after $named, which was another"
        (has "$at/evidence.yaml" "$digest") || fail "it does not name $named as it is"
    done <"$at/after"
    echo "  signed by $executor, approved by $approver"
done <evidence.list
sum "$signers"
echo "by $signers, SHA-256 $found"
[ "$wrong" = 0 ] && echo "All of it holds." || echo "NOT ALL OF IT HOLDS."
exit "$wrong"
"""
