#pragma once

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

// Reads the TLS files, the issuer's keys and the trusted documents again: no connection is lost; a
// file that cannot be read, or finds no memory, is logged, and the old one stays in use.
void reload(const Reloadable& parts);

}  // namespace matricula::server
