#include "auth/secrets/key_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/schema/store.h"
#include "base/files.h"
#include "base/text.h"

namespace matricula::auth {

// How the secrets are written: three lines of text, the values in hex.
struct KeyFileText {
  static constexpr std::string_view kFirstLine = "matricula keys 1\n";
  static constexpr std::string_view kPepper = "pepper ";
  static constexpr std::string_view kSigning = "ed25519 ";

  static std::string write(const Secrets& secrets) {
    const auto hex = [](const Secrets::Key& key) {
      return to_hex({reinterpret_cast<const char*>(key.data()), key.size()});
    };
    std::string text(kFirstLine);
    text.append(kPepper).append(hex(secrets.pepper_)).append("\n");
    text.append(kSigning).append(hex(secrets.seed_)).append("\n");
    return text;
  }

  static bool take_key(std::string_view& text, std::string_view name, Secrets::Key& key) {
    const std::size_t digits = key.size() * 2;
    if (!text.starts_with(name) || text.size() < name.size() + digits + 1 ||
        text[name.size() + digits] != '\n') {
      return false;
    }
    std::size_t length = 0;
    const int bad = sodium_hex2bin(key.data(), key.size(), text.data() + name.size(), digits,
                                   nullptr, &length, nullptr);
    text.remove_prefix(name.size() + digits + 1);
    return bad == 0 && length == key.size();
  }

  static std::optional<Secrets> read(std::string_view text) {
    Secrets::Key pepper;
    Secrets::Key seed;
    if (!text.starts_with(kFirstLine)) {
      return std::nullopt;
    }
    text.remove_prefix(kFirstLine.size());
    if (!take_key(text, kPepper, pepper) || !take_key(text, kSigning, seed) || !text.empty()) {
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

const storage::Statement kReadCheck("SELECT value FROM store_keys WHERE name = 'check'");
const storage::Statement kWriteCheck(
    "INSERT INTO store_keys(name, value) VALUES ('check', ?1) ON CONFLICT (name) DO NOTHING");

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

// Nothing when there is no such file.
Result<std::optional<Secrets>> read_key_file(const std::string& path) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) {
    return std::optional<Secrets>();
  }
  struct stat status = {};
  if (file.get() < 0 || fstat(file.get(), &status) != 0) {
    return fail(ErrorCode::kIo,
                "The key file " + path + " cannot be read: " + system_reason() + ".");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
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

bool write_durably(const std::string& path, std::string_view text) {
  const File file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  return file.get() >= 0 &&
         write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         fsync(file.get()) == 0;
}

void sync_directory(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "."
                                : slash == 0               ? "/"
                                                           : path.substr(0, slash);
  const File file(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() >= 0) {
    fsync(file.get());
  }
}

// Makes the file whole or not at all. When another process was faster, its file stands.
Result<void> make_key_file(const std::string& path) {
  const std::string part = path + ".part-" + std::to_string(getpid());
  std::string text = KeyFileText::write(Secrets::random());
  bool made = write_durably(part, text);
  sodium_memzero(text.data(), text.size());
  made = made && (publish_new_file(part, path) || errno == EEXIST);
  const std::string reason = made ? "" : system_reason();
  unlink(part.c_str());
  if (!made) {
    return fail(ErrorCode::kIo, "The key file " + path + " cannot be made: " + reason + ".");
  }
  sync_directory(path);
  return {};
}

// Whether the check value of the store is that of the secrets; nothing when it has none yet.
Result<std::optional<bool>> check_of(storage::Session& session, const Digest& expected) {
  std::optional<bool> right;
  MATRICULA_CHECK(each(session, kReadCheck, {},
                       [&](const storage::Rows& rows) { right = equal(expected, rows.bytes(0)); }));
  return right;
}

}  // namespace

Result<Secrets> open_secrets(storage::Database& database, const std::string& store,
                             const std::string& key_file) {
  MATRICULA_TRY(const auto reader, database.open_reader());
  MATRICULA_TRY(std::optional<bool> right, check_of(*reader, Digest{}));
  MATRICULA_TRY(const std::optional<Secrets> before, read_key_file(key_file));
  if (!before && right) {
    return fail(ErrorCode::kNotFound, "The key file " + key_file + " is missing, and the store " +
                                          store + " was made with one: put it back.");
  }
  if (!before) {
    MATRICULA_CHECK(make_key_file(key_file));
  }
  MATRICULA_TRY(std::optional<Secrets> secrets, read_key_file(key_file));
  if (!secrets) {
    return fail(ErrorCode::kIo, "The key file " + key_file + " vanished.");
  }
  const Digest check = secrets->digest(DigestKind::kStoreCheck, "matricula");
  MATRICULA_TRY(right, check_of(*reader, check));
  if (!right) {
    auto written = database.write([&](storage::Session& session) -> Result<void> {
      MATRICULA_CHECK(run(session, kWriteCheck, {storage::Bytes(check)}));
      MATRICULA_TRY(right, check_of(session, check));
      return {};
    });
    MATRICULA_CHECK(std::move(written));
  }
  if (!right.value_or(false)) {
    return fail(ErrorCode::kCorrupt,
                "The key file " + key_file + " does not belong to the store " + store + ".");
  }
  return std::move(*secrets);
}

}  // namespace matricula::auth
