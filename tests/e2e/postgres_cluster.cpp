// A PostgreSQL server for tests that are not C++. For each line on standard input it makes a
// database and prints its address, as the role that owns it; it ends with its input.
#include <iostream>
#include <string>

#include "storage/postgres/testing_cluster.h"

int main() {
  auto& cluster = matricula::storage::postgres::PrivateCluster::instance();
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << cluster.url(cluster.new_database()) << std::endl;
  }
}
