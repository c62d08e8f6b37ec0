package org.mirror4j.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Runs a main class of the tests in a Java of its own. */
public final class ForkedJava {
  private static final String VECTOR_MODULE = "--add-modules=jdk.incubator.vector";

  private ForkedJava() {}

  /**
   * What {@code main} prints, its error stream included.
   *
   * @param without file names of the class path that are left out
   * @param options of the virtual machine
   */
  public static String run(Class<?> main, Predicate<String> without, String... options) {
    List<String> all = new ArrayList<>(List.of(VECTOR_MODULE));
    all.addAll(List.of(options));
    return output(main, without, all);
  }

  /** The same without the vector module. */
  public static String runWithoutModules(Class<?> main, String... options) {
    return output(main, name -> false, List.of(options));
  }

  private static String output(Class<?> main, Predicate<String> without, List<String> options) {
    try {
      Process java = start(main, without, options, List.of());
      return new String(java.getInputStream().readAllBytes())
          .replaceFirst("WARNING: Using incubator modules: jdk.incubator.vector\\R", "")
          .strip();
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  /** Starts {@code main} and leaves it running; its streams are the caller's. */
  public static Process start(Class<?> main, String... arguments) throws IOException {
    return start(main, name -> false, List.of(VECTOR_MODULE), List.of(arguments));
  }

  private static Process start(
      Class<?> main, Predicate<String> without, List<String> options, List<String> arguments)
      throws IOException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !without.test(Path.of(entry).getFileName().toString()))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.redirectErrorStream(true).start();
  }
}
