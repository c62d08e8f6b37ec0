package org.mirror4j.encode;

import java.lang.reflect.InvocationTargetException;

/**
 * The module {@code jdk.incubator.vector}, which the CPU computes with. Named with {@code
 * --add-modules} it is there from the start, but the virtual machine then warns of it on standard
 * error, which cannot be turned off. Loaded when a command runs it is as fast, and nothing is said.
 */
public final class VectorModule {
  /** What the module is called. */
  public static final String NAME = "jdk.incubator.vector";

  private VectorModule() {}

  /**
   * Loads the module where it is not there.
   *
   * @param remedy what a user can do where that fails, for the message
   * @throws IllegalStateException where this Java cannot: the launcher opens what is needed
   */
  public static void load(String remedy) {
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
          "%s cannot be loaded by Java %s: %s".formatted(NAME, Runtime.version(), remedy), cause);
    }
  }
}
