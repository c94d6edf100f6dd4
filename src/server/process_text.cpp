#include "server/process_text.h"

#include <dirent.h>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace matricula::server {
namespace {

// When the system started, in seconds since 1970.
double boot_time() {
  std::ifstream stat("/proc/stat");
  std::string line;
  constexpr std::string_view kName = "btime ";
  while (std::getline(stat, line)) {
    if (line.starts_with(kName)) {
      return std::stod(line.substr(kName.size()));
    }
  }
  return 0;
}

// Fields of /proc/self/stat behind the program's name, which may hold anything (proc(5)).
void read_stat(ProcessFigures& figures) {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) {
    return;
  }
  std::istringstream fields(text.substr(name_end + 1));
  const std::istream_iterator<std::string> first(fields);
  const std::vector<std::string> all(first, {});
  constexpr std::size_t kUserTicks = 11;  // field 14 of proc(5); `all` begins with field 3
  constexpr std::size_t kVirtualBytes = 20;
  if (all.size() <= kVirtualBytes) {
    return;
  }
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  figures.cpu_seconds = (std::stod(all[kUserTicks]) + std::stod(all[kUserTicks + 1])) / ticks;
  figures.threads = std::stoull(all[kUserTicks + 6]);
  figures.start_time_seconds = boot_time() + std::stod(all[kUserTicks + 8]) / ticks;
  figures.virtual_bytes = std::stoull(all[kVirtualBytes]);
}

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

// Not by std::filesystem: its iterators make a path for each of what may be thousands, and where
// memory runs out in std::distance() the process ends.
std::uint64_t count_descriptors() {
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir("/proc/self/fd"));
  if (directory == nullptr) {
    return 0;
  }
  std::uint64_t count = 0;
  while (const dirent* const entry = ::readdir(directory.get())) {
    count += entry->d_name[0] == '.' ? 0 : 1;
  }
  return count;
}

}  // namespace

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

ProcessFigures read_process() {
  ProcessFigures figures;
  read_stat(figures);
  figures.resident_bytes = resident_bytes();
  figures.open_descriptors = count_descriptors();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    figures.descriptors_max = limit.rlim_cur;
  }
  return figures;
}

std::string process_text(const ProcessFigures& figures) {
  std::string out;
  const auto add = [&out](std::string_view name, std::string_view type, std::string_view help,
                          const auto& value) {
    fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help,
                   type, value);
  };
  add("process_cpu_seconds_total", "counter", "CPU time used, of the user and of the system.",
      figures.cpu_seconds);
  add("process_start_time_seconds", "gauge", "When the process started, since 1970.",
      figures.start_time_seconds);
  add("process_resident_memory_bytes", "gauge", "Memory that is in use.", figures.resident_bytes);
  add("process_virtual_memory_bytes", "gauge", "Memory that is reserved.", figures.virtual_bytes);
  add("process_open_fds", "gauge", "Open file descriptors.", figures.open_descriptors);
  add("process_max_fds", "gauge", "File descriptors that may be open.", figures.descriptors_max);
  add("process_threads", "gauge", "Threads.", figures.threads);
  return out;
}

}  // namespace matricula::server
