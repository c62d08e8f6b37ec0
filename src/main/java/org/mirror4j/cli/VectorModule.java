package org.mirror4j.cli;

import java.lang.reflect.InvocationTargetException;

/**
 * The module {@code jdk.incubator.vector}, which the CPU computes with. Named with {@code
 * --add-modules} it is there from the start, but the virtual machine then warns of it on standard
 * error, which cannot be turned off. Loaded when a command runs it is as fast, and nothing is said.
 */
final class VectorModule {
  private static final String NAME = "jdk.incubator.vector";

  private VectorModule() {}

  /**
   * Loads the module where it is not there.
   *
   * @throws IllegalStateException where this Java cannot: the launcher opens what is needed
   */
  static void load() {
    if (ModuleLayer.boot().findModule(NAME).isPresent()) {
      return;
    }
    try {
      // How the virtual machine itself loads a system module later than at its start.
      Class.forName("jdk.internal.module.Modules")
          .getMethod("loadModule", String.class)
          .invoke(null, NAME);
    } catch (ReflectiveOperationException e) {
      Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
      throw new IllegalStateException(
          "%s cannot be loaded by Java %s: set MIRROR4J_JAVA_OPTIONS=--add-modules=%s"
              .formatted(NAME, Runtime.version(), NAME),
          cause);
    }
  }
}
