package example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The application as it is started: a process with the class path that Maven gives it. */
@Timeout(120)
class ExampleTest {
  private static final Path CLASSES = Path.of("target/classes");
  private static final Path LIBRARIES = Path.of("target/lib");
  private static final String MODULE_FLAG = "--add-modules=jdk.incubator.vector";
  private static final String NATIVE_FLAG = "--enable-native-access=ALL-UNNAMED";

  private static List<Path> libraries;

  @TempDir Path folder;

  @BeforeAll
  static void list() throws IOException {
    try (Stream<Path> files = Files.list(LIBRARIES)) {
      libraries = files.sorted().toList();
    }
  }

  /**
   * What a process left.
   *
   * @param output lines of standard output
   * @param errors lines of standard error
   */
  private record Ended(int exit, List<String> output, List<String> errors) {}

  private Ended java(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
    builder.environment().keySet().removeIf(name -> name.contains("JAVA_OPTIONS"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readAllLines(output), Files.readAllLines(errors));
  }

  private Ended example(String... flags) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of(flags));
    arguments.addAll(List.of("-cp", CLASSES + ":" + LIBRARIES + "/*", "example.Example"));
    return java(arguments.toArray(String[]::new));
  }

  private static void assertDone(Ended ended) {
    assertThat(ended.errors()).noneMatch(line -> line.contains("Exception"));
    assertThat(ended.exit()).isZero();
    // In the form of logback's own configuration.
    assertThat(ended.output())
        .anyMatch(
            line ->
                line.matches(".* \\[main] INFO example.Example -- 3 vectors of 256 elements, .*"))
        .anyMatch(line -> line.contains("INFO example.Example -- king and queen: 0."));
  }

  @Test
  void withTheFlags() throws Exception {
    Ended ended = example(MODULE_FLAG, NATIVE_FLAG);
    assertDone(ended);
    // Java itself says this much.
    assertThat(ended.errors())
        .containsExactly("WARNING: Using incubator modules: jdk.incubator.vector");
  }

  @Test
  void withoutTheFlagsOneMessageNamesThem() throws Exception {
    for (String[] flags : new String[][] {{}, {NATIVE_FLAG}}) {
      Ended ended = example(flags);
      assertThat(ended.exit()).isEqualTo(1);
      assertThat(ended.errors().getFirst())
          .isEqualTo(
              "Exception in thread \"main\" org.mirror4j.Mirror4jException: jdk.incubator.vector"
                  + " cannot be loaded by Java %s: start it with %s %s",
              Runtime.version(), MODULE_FLAG.replace('=', ' '), NATIVE_FLAG);
      assertThat(ended.output()).isEmpty();
    }
  }

  /** Native access is only warned of. */
  @Test
  void withTheModuleAlone() throws Exception {
    assertDone(example(MODULE_FLAG));
  }

  /** The manifest of a jar that is started can say what the flags say. */
  @Test
  void aJarNeedsNoFlags() throws Exception {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(Attributes.Name.MAIN_CLASS, "example.Example");
    attributes.put(
        Attributes.Name.CLASS_PATH,
        Stream.concat(Stream.of(CLASSES), libraries.stream())
            .map(path -> path.toUri().toString())
            .collect(Collectors.joining(" ")));
    attributes.putValue("Add-Exports", "java.base/jdk.internal.module");
    attributes.putValue("Enable-Native-Access", "ALL-UNNAMED");
    Path jar = folder.resolve("example.jar");
    try (OutputStream file = Files.newOutputStream(jar)) {
      new JarOutputStream(file, manifest).close();
    }
    Ended ended = java("-jar", jar.toString());
    assertDone(ended);
    assertThat(ended.errors()).isEmpty();
  }

  /**
   * The library is an automatic module: what it stands on has to be named beside it, or all modules
   * that are there.
   */
  @Test
  void asANamedModule() throws Exception {
    Path module = Files.createDirectory(folder.resolve("module"));
    Path descriptor = folder.resolve("module-info.java");
    Files.writeString(descriptor, "module example { requires org.mirror4j; requires org.slf4j; }");
    int compiled =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "-p",
                LIBRARIES.toString(),
                "-d",
                module.toString(),
                descriptor.toString(),
                "src/main/java/example/Example.java");
    assertThat(compiled).isZero();
    assertDone(
        java(
            "--add-modules=jdk.incubator.vector,ALL-MODULE-PATH",
            "--enable-native-access=org.mirror4j",
            "-p",
            LIBRARIES + ":" + module,
            "-m",
            "example/example.Example"));
  }

  /** What the command line needs stays there, and so does what only tests and rivals need. */
  @Test
  void nothingButTheLibraryIsThere() {
    assertThat(libraries)
        .extracting(path -> path.getFileName().toString())
        .noneMatch(name -> name.matches("(picocli|progressbar|jline|xchart|slf4j-nop|jcudnn).*"))
        .filteredOn(name -> name.matches("(mirror4j|dnnl|openblas|javacpp)-.*"))
        .hasSize(7);
  }
}
