# A terminal of a session: the user's own settings, and `python` and `workshop` in front of what they put on PATH.
session_path=$PATH
if [ -r ~/.bashrc ]; then . ~/.bashrc; fi
PATH=$session_path:$PATH
unset session_path
