package org.mirror4j.bench.contest;

import java.nio.file.Path;

/** Files of the project that is measured. */
public final class Checkout {
  /** System property that holds the project's folder; {@code run.sh} and each fork set it. */
  public static final String PROPERTY = "bench.checkout";

  private Checkout() {}

  /** A path within the project. */
  public static Path path(String name) {
    return Path.of(System.getProperty(PROPERTY, ".")).resolve(name);
  }
}
