#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graphql/language/ast.h"
#include "graphql/language/diagnostic.h"
#include "graphql/schema/schema.h"
#include "graphql/validation/name_index.h"
#include "graphql/validation/validate.h"

namespace matricula::graphql {

// A place where a variable is used, and what is expected there.
struct VariableUsage {
  const Value* variable = nullptr;
  const Type* type = nullptr;         // null where nothing is known of the place
  const Type* parent_type = nullptr;  // of the object or list around it
  bool has_default = false;           // the argument or field has one
};

// What all rules of one validation share: the document's definitions by name, the errors found, and
// the budgets. Once is_stopped() holds, nothing is reported any more and the walk may end.
class Context {
 public:
  Context(const Schema& schema, const Document& document, const ValidationOptions& options);

  const Schema& schema() const { return schema_; }
  const Document& document() const { return document_; }
  const ValidationOptions& options() const { return options_; }

  // Where a name starts: that of a variable is without its `$`.
  Offset offset_of(const Name& name) const {
    return static_cast<Offset>(name.value.data() - document_.source().data());
  }

  void report(std::string message, std::vector<Offset> offsets);
  // Ends the validation: the error is the only one.
  void exceed(std::string message, Offset offset);
  void exceed_expansions(Offset offset);
  bool is_stopped() const { return stopped_; }
  std::vector<Diagnostic> take_diagnostics();

  // Pays for work that fragments make; false once the budget is spent.
  bool spend_expansions(std::size_t cost, Offset offset);
  // Pays for comparing so many fields; false once the budget is spent. A lookup costs an eighth.
  static constexpr std::size_t kComparison = 8;
  bool spend_comparisons(std::size_t eighths, Offset offset);
  // Recursion through fragments may not go deeper than anything written may.
  bool may_descend(std::size_t depth, Offset offset);

  // ` Did you mean ...`, or nothing: where the options say so, or too much was suggested already.
  std::string suggest(std::string_view input, std::span<const std::string_view> candidates);

  // The last fragment of that name, as graphql-js; null where there is none.
  const Definition* fragment(std::string_view name) const;
  const Definition* first_fragment(std::string_view name) const;
  const Definition* first_operation(std::string_view name) const;
  std::size_t operation_count() const { return operation_count_; }
  bool has_type_system_definitions() const { return has_type_system_definitions_; }

  // The spreads in a definition, in graphql-js's order: those of outer selection sets first.
  std::span<const Selection* const> spreads(const Definition& definition);
  // The fragments that the operations reach, each once, nearest first. `names` gets the names of
  // all that is spread, known or not.
  std::vector<const Definition*> reached_fragments(std::span<const Definition* const> operations);
  std::span<const VariableUsage> usages(const Definition& definition);
  // Those of an operation and of all fragments it reaches. Stays valid until asked for another.
  std::span<const VariableUsage> recursive_usages(const Definition& operation);

 private:
  struct Facts {
    bool has_spreads = false;
    bool has_usages = false;
    std::vector<const Selection*> spreads;
    std::vector<VariableUsage> usages;
  };
  struct Problem {
    ErrorCode code = ErrorCode::kValidationFailed;
    std::string message;
    std::vector<Offset> offsets;
  };

  Facts& facts(const Definition& definition) {
    return facts_[static_cast<std::size_t>(&definition - document_.definitions().data())];
  }

  const Schema& schema_;
  const Document& document_;
  const ValidationOptions& options_;
  std::vector<Problem> problems_;
  std::size_t message_bytes_ = 0;
  bool stopped_ = false;
  std::size_t expansions_left_;
  std::size_t comparisons_left_;
  std::size_t suggestion_work_ = 0;
  bool has_variables_;
  bool has_type_system_definitions_ = false;
  std::size_t operation_count_ = 0;
  NameIndex fragment_names_;
  std::vector<const Definition*> first_fragments_;
  std::vector<const Definition*> last_fragments_;
  NameIndex operation_names_;
  std::vector<const Definition*> first_operations_;
  std::vector<Facts> facts_;
  const Definition* usages_of_ = nullptr;
  std::vector<VariableUsage> recursive_usages_;
};

}  // namespace matricula::graphql
