#include "migrations/schema_objects.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>

#include "migrations/migrations.h"

namespace matricula::migrations {
namespace {

// The words of a statement's first line; a name ends where its columns begin.
std::vector<std::string> words_of(std::string_view line) {
  std::istringstream stream{std::string(line)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    words.push_back(word.substr(0, word.find_first_of("(;")));
  }
  return words;
}

void note(const std::vector<std::string>& words, std::set<SchemaObject>& objects) {
  if (words.size() < 3 || (words[0] != "CREATE" && words[0] != "DROP")) {
    return;
  }
  std::size_t at = 1;
  while (at + 2 < words.size() &&
         (words[at] == "UNIQUE" || words[at] == "VIRTUAL" || words[at] == "UNLOGGED")) {
    ++at;
  }
  const std::string& kind = words[at];
  const std::string& name = words[at + 1];
  SchemaObject object{kind == "TABLE"     ? "table"
                      : kind == "INDEX"   ? "index"
                      : kind == "TRIGGER" ? "trigger"
                      : kind == "POLICY"  ? "policy"
                                          : "",
                      name};
  if (object.kind == "policy" && at + 3 < words.size()) {
    object.name = words[at + 3] + "." + name;
  }
  if (object.kind.empty()) {
    return;
  }
  if (words[0] == "CREATE") {
    objects.insert(std::move(object));
  } else {
    objects.erase(object);
  }
}

}  // namespace

std::vector<SchemaObject> schema_objects(sql::Dialect dialect) {
  std::set<SchemaObject> objects;
  for (const storage::Migration& step : all()) {
    std::string_view text = dialect == sql::Dialect::kSqlite ? step.sqlite : step.postgres;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      note(words_of(text.substr(0, end)), objects);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  return {objects.begin(), objects.end()};
}

}  // namespace matricula::migrations
