# Where the mock and the measuring side of a timing run. Sourced after lib.sh.
# shellcheck shell=bash disable=SC2034 # its variables are for the command that sources it
#
# The mock gets a core of its own, and real-time priority where that is permitted: its instants are the truth, and it
# must not wait for what it judges. assayd gets another core. On a machine of one core both share it.

pin_mock=()
pin_assayd=()
if [ "$(nproc)" -ge 2 ] && command -v taskset >/dev/null && taskset -c 0 true 2>/dev/null; then
  pin_mock=(taskset -c 0)
  pin_assayd=(taskset -c 1)
fi
if command -v chrt >/dev/null && chrt -f 10 true 2>/dev/null; then
  pin_mock+=(chrt -f 10)
fi
# So that a busy machine's other work does not count as assayd's error. Alone, where assayd may use every core.
rank_assayd=()
if nice -n -10 true 2>/dev/null; then
  rank_assayd=(nice -n -10)
fi
pin_assayd+=("${rank_assayd[@]}")
