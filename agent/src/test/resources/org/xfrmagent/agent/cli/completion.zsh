# completion.zsh SCRIPT: a user of zsh who loads SCRIPT and presses the tab key. Prints "ok", or what was not seen.
zmodload zsh/zpty || exit
zpty shell zsh -f -i

expect() {
  local seen= part= end=$((SECONDS + 20))
  while ((SECONDS < end)); do
    if zpty -r -t shell part; then
      seen+=$part
      [[ $seen == *$1* ]] && return
    else
      sleep 0.02
    fi
  done
  print -r -- "no '$1' in: ${(V)seen}"
  zpty -d shell
  exit 1
}

zpty -w shell "PS1='ready> '; source $1; print lo''aded"
expect loaded
zpty -w -n shell $'xfrm-agent sta\t'
expect 'xfrm-agent status'
zpty -w -n shell $'--wat\t'
expect '--watch'
zpty -w -n shell $'\C-uxfrm-agent run --datap\t'
expect '--dataplane'
zpty -w -n shell $'us\t'
expect 'erspace'
zpty -d shell
print ok
