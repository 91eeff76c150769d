#!/bin/sh
# Installs Deckhand from the folder that this file lies in, or takes it away again. Needs nothing but a shell.
#
#   install.sh [--prefix DIR] [--no-service] [--downgrade]
#                                                 programs to DIR (/opt/deckhand); as root also the user `deckhand`,
#                                                 /etc/deckhand/.env, /usr/local/bin/deckhand and a systemd unit
#   install.sh --uninstall [--purge] [--prefix DIR]   the reverse; data, settings and user go with --purge only
set -eu
# Whatever the mask of whoever runs this: others may enter, and nobody else may write. What is private says so itself.
umask 022

prefix=/opt/deckhand
service=yes
uninstall=
purge=
downgrade=
home=/var/lib/deckhand-home
unit_folder=/etc/systemd/system
link=/usr/local/bin/deckhand

say() { echo "$*"; }
fail() {
    echo "$*" >&2
    exit 1
}

read_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            --prefix)
                [ $# -ge 2 ] || fail "--prefix needs a folder."
                prefix=$2
                shift
                ;;
            --prefix=*) prefix=${1#--prefix=} ;;
            --no-service) service= ;;
            --uninstall) uninstall=yes ;;
            --purge) purge=yes ;;
            --downgrade) downgrade=yes ;;
            *) fail "Unknown argument: $1. Known: --prefix DIR, --no-service, --downgrade, --uninstall, --purge." ;;
        esac
        shift
    done
    case $prefix in
        /) fail "--prefix needs a folder of its own." ;;
        /*) ;;
        *) prefix=$(pwd)/$prefix ;;
    esac
    prefix=${prefix%/}
    case $prefix in *[!A-Za-z0-9/._+-]*) fail "The unit cannot name a folder with other characters than A-Z a-z 0-9 / . _ + -: $prefix" ;; esac
    [ -z "$purge" ] || [ -n "$uninstall" ] || fail "--purge goes with --uninstall."
    [ "$(id -u)" = 0 ] || service=
}

has_systemd() { [ -d /run/systemd/system ]; }

# Ours, and not somebody's folder that a mistyped --prefix names.
is_installation() { [ -e "$1/lib/deckhand.bin" ] && [ -e "$1/lib/deckhand-runner" ]; }

# older A B: whether version A comes before B; of pre-releases only that they come before their release.
older() {
    left=${1%%-*}.
    right=${2%%-*}.
    while [ -n "$left" ] && [ -n "$right" ]; do
        if [ "${left%%.*}" -lt "${right%%.*}" ]; then return 0; fi
        if [ "${left%%.*}" -gt "${right%%.*}" ]; then return 1; fi
        left=${left#*.}
        right=${right#*.}
    done
    case $1 in *-*) case $2 in *-*) return 1 ;; *) return 0 ;; esac ;; esac
    return 1
}

# An older program does not read the data of a newer one: its server would not start.
refuse_downgrade() {
    [ -z "$downgrade" ] && is_installation "$prefix" || return 0
    new=$("$source/bin/deckhand" version)
    present=$("$prefix/bin/deckhand" version) || return 0
    if older "${new##* }" "${present##* }"; then
        fail "$present is installed in $prefix, and ${new##* } is older: it may not be able to read its data. With a backup of then: --downgrade."
    fi
}

copy_programs() {
    source=$(cd "$(dirname "$0")" && pwd -P)
    is_installation "$source" || fail "$source is incomplete: unpack the whole archive and run its install.sh."
    "$source/bin/deckhand" version >/dev/null || fail "The program does not start on this machine ($(uname -srm))."
    if [ "$source" = "$prefix" ]; then return; fi
    refuse_downgrade
    if [ -e "$prefix.old" ] && ! is_installation "$prefix.old"; then
        fail "$prefix.old is in the way, and is no installation of Deckhand: move it."
    fi
    if [ -e "$prefix" ] && ! is_installation "$prefix"; then
        [ -d "$prefix" ] && [ -z "$(ls -A "$prefix")" ] || fail "$prefix exists and is no installation of Deckhand: choose another --prefix."
        rmdir "$prefix"
    fi
    mkdir -p "$(dirname "$prefix")"
    rm -rf "$prefix.new" "$prefix.old"
    cp -R -p "$source" "$prefix.new"
    if [ "$(id -u)" = 0 ]; then chown -R 0:0 "$prefix.new"; fi
    if [ -e "$prefix" ]; then mv "$prefix" "$prefix.old"; fi
    mv "$prefix.new" "$prefix"
    rm -rf "$prefix.old"
    if command -v restorecon >/dev/null 2>&1; then restorecon -R "$prefix" || true; fi
}

# Where the user deckhand of this machine lives; empty when there is none.
home_of_user() { sed -n 's/^deckhand:\([^:]*:\)\{4\}\([^:]*\):.*/\2/p' /etc/passwd; }

make_user() {
    found=$(home_of_user)
    if [ -n "$found" ]; then
        [ "$found" = "$home" ] || fail "There is a user deckhand already, who lives in $found and is somebody else: commands would run as that user. Rename one, or use --no-service."
        return
    fi
    nologin=/bin/false
    for file in /sbin/nologin /usr/sbin/nologin; do if [ -x $file ]; then nologin=$file; fi; done
    if command -v useradd >/dev/null 2>&1; then
        useradd --system --user-group --no-create-home --home-dir "$home" --shell "$nologin" deckhand
    elif command -v adduser >/dev/null 2>&1; then
        addgroup -S deckhand
        adduser -S -D -H -h "$home" -s "$nologin" -G deckhand deckhand
    else
        fail "There is neither useradd nor adduser to make the user deckhand, that commands run as. Make it, and try again."
    fi
}

make_folders() {
    mkdir -p /etc/deckhand /var/lib
    # What is there already keeps the owner and mode that an administrator gave it.
    if [ ! -e /var/lib/deckhand ]; then mkdir -m 0700 /var/lib/deckhand; fi
    if [ ! -e "$home" ]; then
        mkdir -m 0700 "$home"
        chown deckhand:deckhand "$home"
    fi
    if [ ! -e /etc/deckhand/.env ]; then
        (umask 077 && cp "$prefix/share/systemd/settings.env" /etc/deckhand/.env.new)
        chmod 0600 /etc/deckhand/.env.new
        mv /etc/deckhand/.env.new /etc/deckhand/.env
    fi
}

make_service() {
    mkdir -p "$unit_folder" "$(dirname "$link")"
    ln -sf "$prefix/bin/deckhand" "$link"
    for unit in deckhand.service deckhand.socket; do
        sed -e "s|/usr/bin/deckhand|$prefix/bin/deckhand|" -e "s|/usr/share/doc/deckhand|$prefix/share/doc|" \
            "$prefix/share/systemd/$unit" >"$unit_folder/$unit"
        chmod 0644 "$unit_folder/$unit"
    done
    if has_systemd; then
        systemctl daemon-reload
        systemctl enable --quiet deckhand.service
        systemctl restart deckhand.service
        say "The service runs: systemctl status deckhand"
    else
        say "There is no systemd here: have your service manager run, as root in /etc/deckhand:  $prefix/bin/deckhand serve"
    fi
}

install_all() {
    if [ -n "$service" ] && [ -n "$(home_of_user)" ]; then make_user; fi
    [ -x /bin/bash ] || fail "/bin/bash is missing, which runs the commands: install bash first."
    copy_programs
    say "Installed in $prefix: $("$prefix/bin/deckhand" version)"
    if [ -z "$service" ]; then
        say "Start it:  $prefix/bin/deckhand serve"
        return
    fi
    make_user
    make_folders
    make_service
    say "Settings: /etc/deckhand/.env. A passphrase for the operator admin, once it runs:  deckhand user passwd admin --generate"
}

# Runners end their whole command on SIGTERM. The name of a running program's file stays known when the file is gone;
# those of before an upgrade are called .old.
processes() {
    for process in /proc/[0-9]*; do
        case $(readlink "$process/exe" 2>/dev/null) in
            "$prefix"/lib/deckhand* | "$prefix".old/lib/deckhand*) echo "${process#/proc/}" ;;
        esac
    done
}

end_processes() {
    for process in $(processes); do kill -TERM "$process" 2>/dev/null || true; done
    waited=0
    while [ -n "$(processes)" ] && [ $waited -lt 15 ]; do
        sleep 1
        waited=$((waited + 1))
    done
    for process in $(processes); do kill -KILL "$process" 2>/dev/null || true; done
}

remove_user() {
    [ "$(home_of_user)" = "$home" ] || return 0
    if command -v userdel >/dev/null 2>&1; then userdel deckhand || true; else deluser deckhand || true; fi
    if grep -q '^deckhand:' /etc/group; then
        if command -v groupdel >/dev/null 2>&1; then groupdel deckhand || true; else delgroup deckhand || true; fi
    fi
}

uninstall_all() {
    is_installation "$prefix" || fail "$prefix is no installation of Deckhand; --prefix names another folder."
    if [ -n "$service" ] && [ "$(readlink "$link" 2>/dev/null)" = "$prefix/bin/deckhand" ]; then
        # Pages in a hosting panel would ask a program that is gone, and how to put the panel's own back is known to our data only.
        "$prefix/bin/deckhand" panel uninstall --all || fail "The assistant could not be taken out of the hosting panel, so that nothing is removed: see deckhand panel uninstall --all."
    fi
    if [ -n "$service" ]; then
        if has_systemd; then systemctl disable --quiet --now deckhand.socket deckhand.service || true; fi
        if [ "$(readlink "$link" 2>/dev/null)" = "$prefix/bin/deckhand" ]; then rm -f "$link"; fi
        if grep -qs "^ExecStart=$prefix/bin/deckhand " "$unit_folder/deckhand.service"; then
            rm -f "$unit_folder/deckhand.service" "$unit_folder/deckhand.socket"
        fi
        if has_systemd; then systemctl daemon-reload; fi
    fi
    if [ -n "$purge" ]; then end_processes; fi
    rm -rf "$prefix"
    if [ -n "$purge" ] && [ "$(id -u)" = 0 ]; then
        rm -rf /var/lib/deckhand /var/lib/deckhand-home /etc/deckhand
        remove_user
        say "Removed, with all data."
    elif [ -n "$service" ]; then
        say "Removed. Data and settings stay in /var/lib/deckhand and /etc/deckhand, with the user deckhand; running commands go on."
    else
        say "Removed."
    fi
}

main() {
    read_arguments "$@"
    if [ -n "$uninstall" ]; then uninstall_all; else install_all; fi
}

main "$@"
