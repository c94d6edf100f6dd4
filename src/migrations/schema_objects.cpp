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

// The triggers and functions of a step. No step drops or replaces one.
void note_texts(std::string_view step, sql::Dialect dialect, std::vector<SchemaText>& texts) {
  constexpr std::string_view kBody = "$$";
  for (std::size_t at = step.find("\nCREATE "); at != std::string_view::npos;
       at = step.find("\nCREATE ", at + 1)) {
    const std::string_view rest = step.substr(at + 1);
    const std::vector<std::string> words = words_of(rest.substr(0, rest.find('\n')));
    if (words[1] == "TRIGGER") {
      const std::string_view end = dialect == sql::Dialect::kSqlite ? "\nEND;" : ";";
      const std::size_t length = rest.find(end) + end.size() - 1;
      texts.push_back({"trigger", words[2], std::string(rest.substr(0, length))});
    } else if (words[1] == "FUNCTION") {
      const std::size_t start = rest.find(kBody) + kBody.size();
      texts.push_back(
          {"function", words[2], std::string(rest.substr(start, rest.find(kBody, start) - start))});
    }
  }
}

std::string_view text_of(const storage::Migration& step, sql::Dialect dialect) {
  return dialect == sql::Dialect::kSqlite ? step.sqlite : step.postgres;
}

}  // namespace

std::vector<SchemaObject> schema_objects(sql::Dialect dialect) {
  std::set<SchemaObject> objects;
  for (const storage::Migration& step : all()) {
    std::string_view text = text_of(step, dialect);
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      note(words_of(text.substr(0, end)), objects);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  return {objects.begin(), objects.end()};
}

std::vector<SchemaText> schema_texts(sql::Dialect dialect) {
  std::vector<SchemaText> texts;
  for (const storage::Migration& step : all()) {
    note_texts(text_of(step, dialect), dialect, texts);
  }
  return texts;
}

}  // namespace matricula::migrations
