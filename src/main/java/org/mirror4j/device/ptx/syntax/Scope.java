package org.mirror4j.device.ptx.syntax;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names between a pair of braces; what is not found here is looked up outside. */
final class Scope {
  /** A branch whose label was not yet seen. */
  record PendingBranch(int instruction, String label, int line) {}

  private final Scope outer;
  private final Map<String, Object> names = new HashMap<>();
  private final Map<String, Integer> labels = new HashMap<>();
  private final List<PendingBranch> pending = new ArrayList<>();

  Scope(Scope outer) {
    this.outer = outer;
  }

  Scope outer() {
    return outer;
  }

  /** Makes a register, variable or parameter known; false if the name is taken in this scope. */
  boolean declare(String name, Object declared) {
    return names.putIfAbsent(name, declared) == null;
  }

  /** The register, variable or parameter of a name, or null. */
  Object find(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Object found = scope.names.get(name);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Makes a label known; false if it is there already. */
  boolean label(String name, int target) {
    return labels.putIfAbsent(name, target) == null;
  }

  void branch(PendingBranch branch) {
    pending.add(branch);
  }

  /** Target of a label of this very scope, or null. */
  Integer target(String label) {
    return labels.get(label);
  }

  List<PendingBranch> pending() {
    return pending;
  }
}
