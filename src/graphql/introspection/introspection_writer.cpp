#include "graphql/introspection/introspection_writer.h"

namespace matricula::graphql {

void IntrospectionWriter::raise(const Diagnostic& error) {
  PathError raised{.diagnostic = error};
  for (const PathStep& step : path_) {
    raised.path += ',';
    if (step.name.empty()) {
      raised.path += std::to_string(step.index);
    } else {
      append_json_string(raised.path, step.name);
    }
  }
  collector_.spend(raised.diagnostic.message.size() + raised.path.size());
  raised_ = std::move(raised);
}

PathErrors IntrospectionWriter::take_errors() {
  if (raised_) {
    errors_.push_back(*std::exchange(raised_, std::nullopt));
  }
  return std::move(errors_);
}

}  // namespace matricula::graphql
