#include "pipeline/run.h"

#include "pipeline/commands.h"
#include "pipeline/write.h"
#include "storage/session_scope.h"

namespace matricula::pipeline {

execution::AnswerBounds answer_bounds(const Service& service, const Pending& pending,
                                      const auth::Principal& caller) {
  return {.owner = owner_of(caller),
          .bytes_max = service.options.execution.response_bytes_max,
          .deadline = pending.deadline(service),
          .cancelled = pending.request.http.client_gone,
          .room_wait = service.options.pool.wait_max};
}

RunOutcome run(const Service& service, Lane& lane, const RunRequest& request,
               const execution::AnswerBounds& bounds) {
  Commands commands(service, request.request, request.caller, *lane.session, bounds.deadline);
  const execution::CommandRunner runner = [&](unsigned command,
                                              const execution::Arguments& arguments) {
    return commands.run(command, arguments);
  };
  const storage::DeadlineScope deadline =
      storage::scope_to_deadline(*lane.session, bounds.deadline);
  execution::ExecutionOutcome outcome = lane.executor->run({.plan = request.bound,
                                                            .company = request.tenant.company(),
                                                            .commands = &runner,
                                                            .bounds = bounds,
                                                            .first = request.first});
  return {.execution = std::move(outcome), .charged = commands.charged()};
}

}  // namespace matricula::pipeline
