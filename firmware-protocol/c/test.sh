#!/bin/sh
# Tests the C codec on this host: with every compiler there is, plainly and under AddressSanitizer and UndefinedBehaviorSanitizer.
# FUZZED sets the number of mutated inputs under the sanitizers (default 1000000). The last line counts; the exit code is 0 when nothing failed.
set -eu
cd "$(dirname "$0")"
build=../build
mkdir -p "$build"
strict="-std=c99 -Wall -Wextra -Werror -pedantic"
sources="sensorhub_protocol.c test/json.c test/test.c"
passed=0 failed=0 compilers=0
export ASAN_OPTIONS=detect_leaks=0 # the test keeps its vectors to its end; the codec allocates nothing

run() { # name, command...
    name=$1
    shift
    if output=$("$@" 2>&1); then code=0; else code=$?; fi
    printf '%s\n' "$output" | sed "s/^/$name: /"
    set -- $(printf '%s\n' "$output" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p' | tail -n 1)
    passed=$((passed + ${1:-0})) failed=$((failed + ${2:-0}))
    # What a sanitizer found, or a crash, has no count of its own.
    if [ $code != 0 ] && [ "${2:-0}" = 0 ]; then failed=$((failed + 1)); fi
}

for cc in ${CC:-gcc clang}; do
    command -v "$cc" >/dev/null 2>&1 || continue
    if ! echo 'int main(void) { return 0; }' | $cc -x c -fsanitize=address,undefined - -o "$build/probe" 2>/dev/null; then
        echo "$cc: left out, it has no sanitizer runtime"
        continue
    fi
    compilers=$((compilers + 1))
    $cc $strict -Wconversion -O2 -c sensorhub_protocol.c -o "$build/codec-$cc.o"
    $cc $strict -O2 $sources -o "$build/test-$cc"
    $cc $strict -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all $sources -o "$build/test-$cc-sanitized"
    run "$cc" "$build/test-$cc" ../vectors 100000
    run "$cc, sanitizers" "$build/test-$cc-sanitized" ../vectors "${FUZZED:-1000000}"
done
if [ $compilers = 0 ]; then
    echo "no C compiler with its sanitizers: install gcc or clang"
    failed=1
fi
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
