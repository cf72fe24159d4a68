# shellcheck shell=bash
# What push.sh, deploy.sh and image.sh ask of the registry. Digests are computed from the bytes that
# it answers with: what it says about them in a header proves nothing.

# Ends the script: fail EXIT TEXT. 1: it is wrong; 2: it was called wrong; 3: it could not be found out.
fail() {
    printf '%s: %s\n' "${0##*/}" "$2" >&2
    exit "$1"
}

# Says why skopeo failed, and ends the script: refuse_registry IMAGE OUTPUT
refuse_registry() {
    local why
    why=$(tail -n 1 <<<"$2" | sed -E 's/^.*level=[a-z]+ msg="?//; s/"$//; s/\\"/"/g')
    case $2 in
        *"manifest unknown"* | *"name unknown"*) fail 1 "the registry has no $1" ;;
        *"does not match"* | *"Digest did not match"*) fail 1 "the registry answers $1 with other bytes: $why" ;;
        *) fail 3 "the registry of $1 gives no usable answer: $why" ;;
    esac
}

# Prints the digest of what the registry has under NAME:TAG or NAME@DIGEST; nothing when it says
# that it has nothing.
digest_of() {
    local file said
    file=$(mktemp)
    if said=$(skopeo inspect --raw "docker://$1" 2>&1 >"$file"); then
        printf 'sha256:%s\n' "$(sha256sum <"$file" | cut -d ' ' -f 1)"
    elif [[ $said != *"manifest unknown"* && $said != *"name unknown"* ]]; then
        rm -f "$file"
        refuse_registry "$1" "$said"
    fi
    rm -f "$file"
}

# Copies an image, whole and unchanged, and makes sure that it arrived: copy_image FROM TO DIGEST
# FROM and TO as skopeo names them.
copy_image() {
    local said after
    said=$(skopeo copy --all --preserve-digests --quiet "$1" "$2" 2>&1) ||
        refuse_registry "${2#docker://}" "$said"
    after=$(digest_of "${2#docker://}") || exit
    [ "$after" = "$3" ] || fail 1 "${2#docker://} is ${after:-not there} after copying $3"
}
