#!/bin/sh
# Fills `fuzz/corpus` from the book: its chapters, cut at their headings, and
# its recordings, alone and beside themselves.
set -eu
cd "$(dirname "$0")/.."

mkdir -p fuzz/corpus/chapter fuzz/corpus/recording fuzz/corpus/same
for chapter in book/src/*.md; do
    name=$(basename "$chapter" .md)
    awk -v start="fuzz/corpus/chapter/$name" '
        /^## / { section++ }
        { print > (start "-" section + 0 ".md") }
    ' "$chapter"
done
find book/recorded -name '*.txt' -size -8k 2>/dev/null |
    while read -r recording; do
        name=$(echo "${recording#book/recorded/}" | tr / -)
        cp "$recording" "fuzz/corpus/recording/$name"
        cat "$recording" "$recording" > "fuzz/corpus/same/$name"
    done
for target in fuzz/seeds/*; do
    mkdir -p "fuzz/corpus/$(basename "$target")"
    cp "$target"/* "fuzz/corpus/$(basename "$target")"
done
