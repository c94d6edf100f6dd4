#pragma once

#include <memory>

#include "http/body.h"
#include "http/helpers.h"
#include "http/stream_compressor.h"

namespace matricula::http {

// `source` compressed, a slice after another on the threads of `helpers`, never further ahead of
// the client than one slice. Its length is not known. `lease` covers what it holds in memory.
// `helpers` must outlive it and every piece of its work.
std::unique_ptr<BodySource> compressed_body(std::unique_ptr<BodySource> source,
                                            std::unique_ptr<StreamCompressor> compressor,
                                            Helpers& helpers, spool::Lease lease);

}  // namespace matricula::http
