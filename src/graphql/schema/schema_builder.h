#pragma once

#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "graphql/language/ast.h"
#include "graphql/schema/schema.h"

namespace matricula::graphql {

// Makes a Schema from the tree of its SDL, as graphql-js's buildSchema does. The rules for
// documents (sdl_rules.h) are checked before, so names resolve here; the rules for types
// (schema_rules.h) are checked on the result.
class SchemaBuilder {
 public:
  static Result<std::shared_ptr<const Schema>> build(std::string_view sdl);

 private:
  SchemaBuilder(std::shared_ptr<const Document> sdl, std::shared_ptr<const Document> builtin);

  void declare_types(const Document& document);
  void define_types(const Document& document);
  void define_type(NamedType& type, const Definition& definition);
  void define_directives(const Document& document);
  void deprecate_directives(const Document& document);
  void define_roots();
  void define_meta_fields();
  void order_types();
  void collect(const NamedType& type, std::set<const NamedType*>& seen);
  void collect_arguments(const std::vector<InputValue>& arguments,
                         std::set<const NamedType*>& seen);
  void find_possible_types();

  NamedType& named(std::string_view name);
  const NamedType*& root(OperationType operation);
  Field field(const FieldDefinition& definition);
  std::vector<InputValue> input_values(std::span<const InputValueDefinition> definitions);

  std::shared_ptr<const Document> sdl_;
  std::shared_ptr<const Document> builtin_;
  std::shared_ptr<Schema> schema_;
  std::vector<NamedType*> declared_;  // by the SDL, in its order
  std::unique_ptr<NamedType> meta_;
};

}  // namespace matricula::graphql
