#!/bin/sh
# Makes the release for machines that have neither npm nor a registry: the program, the pages, the packages of production and
# Node.js among them, from what is committed. Run on a build machine of the same system and processor as theirs.
#
#   release.sh [COMMIT]     preset: HEAD; prints the name of the tarball, which it leaves where it is run
set -eu
umask 022

project=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/build" "$work/release"
git -C "$project" archive "${1:-HEAD}" | tar -xf - -C "$work/build"

cd "$work/build"
npm ci >&2
npm run build:web >&2
# What the image has, what the packages are installed by, and what the unit and whoever installs it want beside it.
cp -R package.json package-lock.json .npmrc LICENSE bin src resolvers schema demo docs deploy "$work/release"
mkdir "$work/release/web"
cp -R web/dist "$work/release/web/dist"
npm ci --omit=dev --prefix "$work/release" >&2

name=$("$work/release/node_modules/.bin/node" -p \
  '["recovery-gateway", require("./package.json").version, process.platform, process.arch].join("-")').tar.gz
cd "$OLDPWD"
tar --sort=name --owner=0 --group=0 --numeric-owner -czf "$name" -C "$work/release" .
echo "$name"
