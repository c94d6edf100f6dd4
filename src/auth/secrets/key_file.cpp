#include "auth/secrets/key_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/schema/store.h"
#include "base/byte_order_mark.h"
#include "base/files.h"
#include "base/join.h"
#include "base/text.h"

namespace matricula::auth {

// The text form of the secrets: three lines, the values in hex. Secret managers and editors add and
// remove line ends, so any form of them is read.
struct KeyFileText {
  static constexpr std::string_view kFirstLine = "matricula keys 1";
  static constexpr std::string_view kPepper = "pepper ";
  static constexpr std::string_view kSigning = "ed25519 ";

  static std::string write(const Secrets& secrets) {
    const auto hex = [](const Secrets::Key& key) {
      return to_hex({reinterpret_cast<const char*>(key.data()), key.size()});
    };
    std::string text(kFirstLine);
    text.append("\n").append(kPepper).append(hex(secrets.pepper_)).append("\n");
    text.append(kSigning).append(hex(secrets.seed_)).append("\n");
    return text;
  }

  static std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
  }

  static bool take_key(std::string_view& text, std::string_view name, Secrets::Key& key) {
    std::string_view line = take_line(text);
    if (!line.starts_with(name)) {
      return false;
    }
    line.remove_prefix(name.size());
    std::size_t length = 0;
    const int bad =
        sodium_hex2bin(key.data(), key.size(), line.data(), line.size(), nullptr, &length, nullptr);
    return bad == 0 && length == key.size() && line.size() == key.size() * 2;
  }

  static std::optional<Secrets> read(std::string_view text) {
    Secrets::Key pepper;
    Secrets::Key seed;
    text = without_byte_order_mark(text);
    if (take_line(text) != kFirstLine || !take_key(text, kPepper, pepper) ||
        !take_key(text, kSigning, seed) ||
        text.find_first_not_of("\r\n") != std::string_view::npos) {
      return std::nullopt;
    }
    std::optional<Secrets> secrets(Secrets(pepper, seed));
    sodium_memzero(pepper.data(), pepper.size());
    sodium_memzero(seed.data(), seed.size());
    return secrets;
  }
};

namespace {

constexpr std::size_t kKeyFileBytesMax = 4'096;
// Digits of the check value in a file's name: enough to tell stores apart.
constexpr std::size_t kNameDigits = 16;

const storage::Statement kReadCheck("SELECT value FROM store_keys WHERE name = 'check'");
const storage::Statement kWriteCheck(
    "INSERT INTO store_keys(name, value) VALUES ('check', ?1) ON CONFLICT (name) DO NOTHING");
// For messages alone.
const storage::Statement kReadPlace("SELECT value FROM store_keys WHERE name = 'made at'");
const storage::Statement kWritePlace(
    "INSERT INTO store_keys(name, value) VALUES ('made at', ?1) ON CONFLICT (name) DO NOTHING");

std::string system_reason() {
  return std::strerror(errno);
}

// A file descriptor that closes itself.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) {
      close(descriptor_);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// nullopt where there is no such file.
Result<std::optional<Secrets>> read_key_file(const std::string& path) {
  // O_NONBLOCK: opening a pipe does not wait for its writer.
  const File file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) {
    return std::optional<Secrets>();
  }
  struct stat status = {};
  if (file.get() < 0 || fstat(file.get(), &status) != 0) {
    return fail(ErrorCode::kIo,
                "The key file " + path + " cannot be read: " + system_reason() + ".");
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kIo, "The key file " + path + " is not a regular file.");
  }
  // What root owns can be handed to a service by its group alone.
  const mode_t allowed = S_IRWXU | (status.st_uid == 0 ? S_IRGRP : 0);
  if ((status.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO) & ~allowed) != 0) {
    return fail(ErrorCode::kIo,
                "The key file " + path + " is open to other users: restrict it with `chmod 600`.");
  }
  std::array<char, kKeyFileBytesMax> buffer;
  const ssize_t length = read(file.get(), buffer.data(), buffer.size());
  if (length < 0) {
    return fail(ErrorCode::kIo,
                "The key file " + path + " cannot be read: " + system_reason() + ".");
  }
  auto secrets = KeyFileText::read({buffer.data(), static_cast<std::size_t>(length)});
  sodium_memzero(buffer.data(), buffer.size());
  if (!secrets) {
    return fail(ErrorCode::kCorrupt, "The file " + path + " is not a key file of matricula.");
  }
  return secrets;
}

// `store_file`: see KeyPlaces.
bool write_durably(const std::string& path, std::string_view text, const std::string& store_file) {
  const File file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.get() < 0) {
    return false;
  }
  inherit_owner(file.get(), store_file);
  return write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         fsync(file.get()) == 0;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// Makes the file whole or not at all. When another process was faster, its file stays.
Result<void> make_key_file(const std::string& path, const Secrets& secrets,
                           const std::string& store_file) {
  const std::string part = path + ".part-" + std::to_string(getpid());
  std::string text = KeyFileText::write(secrets);
  bool made = write_durably(part, text, store_file);
  sodium_memzero(text.data(), text.size());
  made = made && (publish_new_file(part, path) || errno == EEXIST);
  const std::string reason = made ? "" : system_reason();
  unlink(part.c_str());
  if (!made) {
    return fail(ErrorCode::kIo, "The key file " + path + " cannot be made: " + reason + ".");
  }
  [[maybe_unused]] const bool is_durable = sync_directory(directory_of(path));
  return {};
}

Digest check_value(const Secrets& secrets) {
  return secrets.digest(DigestKind::kStoreCheck, "matricula");
}

// The check value that the store has; nullopt where it has none yet.
Result<std::optional<Digest>> check_of(storage::Session& session) {
  std::optional<Digest> check;
  MATRICULA_CHECK(each_row(session, kReadCheck, {}, [&](const storage::Rows& rows) {
    const storage::Bytes value = rows.bytes(0);
    Digest& read = check.emplace();
    std::copy_n(value.begin(), std::min(value.size(), read.size()), read.begin());
  }));
  return check;
}

// The absolute path of a file and the machine's name.
std::string place_of(const std::string& path) {
  std::array<char, 256> host = {};
  gethostname(host.data(), host.size() - 1);
  std::error_code unknown;
  const auto absolute = std::filesystem::absolute(path, unknown);
  return fmt::format("{} on {}", unknown ? path : absolute.string(), host.data());
}

std::string file_in(const KeyPlaces& places, const Digest& check) {
  const std::string digits = to_hex({reinterpret_cast<const char*>(check.data()), kNameDigits / 2});
  return fmt::format("{}/{}-{}-keys", places.directory, places.database, digits);
}

// The key file of a store that has a check value, among all places.
class Search {
 public:
  Search(const KeyPlaces& places, const Digest& check) : check_(check), files_(places.files) {
    if (!places.directory.empty()) {
      files_.push_back(file_in(places, check));
    }
  }

  std::optional<Secrets> run() {
    for (const std::string& file : files_) {
      Result<std::optional<Secrets>> secrets = read_key_file(file);
      if (!secrets) {
        wrong_ = wrong_.value_or(secrets.error());
      } else if (*secrets && equal(check_value(**secrets), check_)) {
        return std::move(*secrets);
      } else if (*secrets) {
        foreign_ = file;
      }
    }
    return std::nullopt;
  }

  // Why there is none. `made_at`: see place_of(); empty where the store does not know.
  Error failure(const std::string& store, const std::string& made_at) const {
    if (wrong_) {
      return *wrong_;
    }
    const std::string made = made_at.empty() ? "" : fmt::format(" It was made as {}.", made_at);
    if (!foreign_.empty()) {
      return {.code = ErrorCode::kCorrupt,
              .message = fmt::format("The key file {} does not belong to the store {}.{}", foreign_,
                                     store, made)};
    }
    if (files_.size() == 1) {
      return {.code = ErrorCode::kNotFound,
              .message = fmt::format("The key file {} is missing, and the store {} was made with "
                                     "one: put it back.{}",
                                     files_.front(), store, made)};
    }
    return {.code = ErrorCode::kNotFound,
            .message = fmt::format("The key file of the store {} is missing; it is none of {}.{} "
                                   "Put it there, or name it with --key-file.",
                                   store, joined(files_), made)};
  }

 private:
  const Digest check_;
  std::vector<std::string> files_;
  std::optional<Error> wrong_;  // the first file that cannot be read
  std::string foreign_;         // the last one that belongs to another store
};

// The keys of a store that has none yet: those that an operator put in one of the places, else new
// ones. `path` is their file.
Result<Secrets> first_secrets(const KeyPlaces& places, std::string& path) {
  for (const std::string& file : places.files) {
    MATRICULA_TRY(std::optional<Secrets> secrets, read_key_file(file));
    if (secrets) {
      path = file;
      return std::move(*secrets);
    }
  }
  Secrets made = Secrets::random();
  path = places.directory.empty() ? places.files.front() : file_in(places, check_value(made));
  if (!places.directory.empty()) {
    std::error_code ignored;  // making the file says what is wrong
    std::filesystem::create_directories(places.directory, ignored);
    chmod(places.directory.c_str(), S_IRWXU);
  }
  MATRICULA_CHECK(make_key_file(path, made, places.store_file));
  MATRICULA_TRY(std::optional<Secrets> secrets, read_key_file(path));
  if (!secrets) {
    return fail(ErrorCode::kIo, "The key file " + path + " vanished.");
  }
  return std::move(*secrets);
}

}  // namespace

Result<Secrets> open_secrets(storage::Database& database, const std::string& store,
                             const KeyPlaces& places) {
  MATRICULA_TRY(const auto reader, database.open_reader());
  MATRICULA_TRY(std::optional<Digest> check, check_of(*reader));
  if (!check) {
    std::string path;
    MATRICULA_TRY(const Secrets first, first_secrets(places, path));
    const Digest own = check_value(first);
    const std::string place = place_of(path);
    auto written = database.write_access([&](storage::Session& session) -> Result<void> {
      MATRICULA_CHECK(run(session, kWriteCheck, {storage::Bytes(own)}));
      MATRICULA_TRY(check, check_of(session));
      if (check == own) {
        MATRICULA_CHECK(
            run(session, kWritePlace, {storage::Bytes(std::as_bytes(std::span(place)))}));
      }
      return {};
    });
    MATRICULA_CHECK(std::move(written));
  }
  Search search(places, check.value_or(Digest()));
  if (std::optional<Secrets> found = search.run()) {
    return std::move(*found);
  }
  std::string made_at;
  MATRICULA_CHECK(each_row(*reader, kReadPlace, {}, [&](const storage::Rows& rows) {
    made_at = storage::as_text(rows.bytes(0));
  }));
  return fail(search.failure(store, made_at));
}

Result<Secrets> open_secrets(storage::Database& database, const std::string& store,
                             const std::string& key_file) {
  return open_secrets(database, store, KeyPlaces{.files = {key_file}});
}

}  // namespace matricula::auth
