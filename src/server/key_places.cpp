#include "server/key_places.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "server/store.h"
#include "storage/postgres/address.h"

namespace matricula::server {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The directory for files that persist between runs, whatever the working directory is; empty where
// the environment names none.
std::string state_directory() {
  // systemd names several, with colons.
  if (const std::string given = variable("STATE_DIRECTORY"); !given.empty()) {
    return given.substr(0, given.find(':'));
  }
  if (const std::string state = variable("XDG_STATE_HOME"); state.starts_with('/')) {
    return state + "/matricula";
  }
  const std::string home = variable("HOME");
  return home.starts_with('/') ? home + "/.local/state/matricula" : "";
}

// Beside the file itself, whatever links lead to it; then beside the link that was named.
std::vector<std::string> places_of_file(std::string_view path) {
  std::vector<std::string> files = {std::string(path) + "-keys"};
  std::error_code unknown;
  const std::filesystem::path real = std::filesystem::canonical(path, unknown);
  if (!unknown && std::filesystem::is_symlink(std::filesystem::symlink_status(path, unknown))) {
    files.insert(files.begin(), real.string() + "-keys");
  }
  return files;
}

}  // namespace

auth::KeyPlaces key_places_of(const std::string& url, const std::string& given) {
  if (!given.empty()) {
    return {.files = {given}};
  }
  auth::KeyPlaces places;
  if (const std::string credentials = variable("CREDENTIALS_DIRECTORY"); !credentials.empty()) {
    const std::string file = credentials + "/matricula-keys";
    if (access(file.c_str(), F_OK) == 0) {
      places.files.push_back(file);
    }
  }
  if (!is_shared(url)) {
    constexpr std::string_view kScheme = "sqlite:";
    places.store_file = url.starts_with(kScheme) ? url.substr(kScheme.size()) : url;
    std::ranges::move(places_of_file(places.store_file), std::back_inserter(places.files));
    return places;
  }
  const auto address = storage::postgres::parse_address(url);
  const std::string_view name = address ? address->option("dbname") : std::string_view();
  places.database = name.empty() ? "matricula" : name;
  std::ranges::replace(places.database, '/', '_');
  places.files.push_back(places.database + "-keys");
  places.directory = state_directory();
  return places;
}

}  // namespace matricula::server
