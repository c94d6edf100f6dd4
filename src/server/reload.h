#pragma once

#include <csignal>

#include "base/log.h"
#include "http/server.h"
#include "pipeline/pipeline.h"
#include "server/issuer_keys.h"

namespace matricula::server {

// The parts that SIGHUP reloads.
struct Reloadable {
  http::Server& server;
  bool tls = false;  // whether the server uses it
  IssuerKeys& issuer;
  pipeline::Pipeline& pipeline;
  Logger& logger;
};

// Waits for a signal of `signals` that ends the server, and returns it. At each SIGHUP the TLS
// files, the issuer's keys and the trusted documents are read again: no connection is lost; a file
// that cannot be read is logged, and the old one stays in use. A SIGHUP because the terminal is
// gone ends the server.
int wait_for_end(const sigset_t& signals, const Reloadable& parts);

}  // namespace matricula::server
