package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher and its archives, with a program in place of ours that prints its arguments. */
class LauncherTest {
  private static final String WARNING = "WARNING: Using incubator modules: jdk.incubator.vector";
  private static final String PREPARING = "mirror4j: preparing faster starts, once ...";
  private static final String PRINT = "System.out.println(String.join(\" \", arguments));";

  /** A virtual machine that ends so makes no archive. */
  private static final String KILLED =
      "try { new ProcessBuilder(\"kill\", \"-9\", \"\" + ProcessHandle.current().pid()).start();"
          + " Thread.sleep(60_000); } catch (Exception e) { throw new IllegalStateException(e); }";

  /** What the virtual machine says of a class that comes out of an archive. */
  private static final String ARCHIVED = "org.mirror4j.cli.Main source: shared objects file";

  @TempDir Path home;
  private Path jar;
  private Path helpArchive;
  private Path archive;
  private Path watched;

  private record Run(int exit, String out, List<String> err) {}

  private record Source(String name, String body) {
    String entry() {
      return "org/mirror4j/cli/" + name + ".class";
    }

    SimpleJavaFileObject file() {
      String text =
          "package org.mirror4j.cli; public class %s { public static void main(String[] arguments) {%s}}"
              .formatted(name, body);
      return new SimpleJavaFileObject(
          URI.create("string:///" + name + ".java"), SimpleJavaFileObject.Kind.SOURCE) {
        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
          return text;
        }
      };
    }
  }

  @BeforeEach
  void makeHome() throws IOException {
    Files.createDirectories(home.resolve("target/lib"));
    jar(home.resolve("target/lib/empty.jar"), home);
    Files.createDirectories(home.resolve(".mvn"));
    for (String file : List.of("mirror4j", ".mvn/find-jdk.sh")) {
      Files.copy(Path.of(file), home.resolve(file));
    }
    jar = home.resolve("target/mirror4j.jar");
    helpArchive = home.resolve("target/start/help.jsa");
    archive = home.resolve("target/start/program.jsa");
    watched = home.resolve("target/start/made-of");
    program(new Source("Main", PRINT), new Source("WarmUp", "Main.main(arguments);"));
  }

  /** Makes the jar, a minute old. */
  private void program(Source... sources) throws IOException {
    Path classes = Files.createTempDirectory(home, "classes");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> options = List.of("-d", classes.toString());
    boolean compiled =
        compiler
            .getTask(
                null, null, null, options, null, Arrays.stream(sources).map(Source::file).toList())
            .call();
    assertThat(compiled).isTrue();
    jar(jar, classes, Arrays.stream(sources).map(Source::entry).toArray(String[]::new));
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
  }

  private static void jar(Path target, Path folder, String... entries) throws IOException {
    try (OutputStream file = Files.newOutputStream(target);
        JarOutputStream out = new JarOutputStream(file)) {
      for (String entry : entries) {
        out.putNextEntry(new JarEntry(entry));
        Files.copy(folder.resolve(entry), out);
      }
    }
  }

  private Run start(String options, String... arguments) throws IOException {
    Path err = home.resolve("err.txt");
    ProcessBuilder builder = new ProcessBuilder(home.resolve("mirror4j").toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("MIRROR4J_JAVA_OPTIONS", options);
    Process process = builder.redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes());
    return new Run(process.onExit().join().exitValue(), out.strip(), Files.readAllLines(err));
  }

  /** As without an archive, and not a word more. */
  private void assertPlainStart() throws IOException {
    Run run = start("", "embed", "a b");
    assertThat(run.exit).isZero();
    assertThat(run.out).isEqualTo("embed a b");
    assertThat(run.err).containsExactly(WARNING);
  }

  @Test
  void theFirstStartMakesTheArchivesThatLaterOnesUse() throws IOException {
    Run first = start("", "--help");
    assertThat(first.out).isEqualTo("--help");
    assertThat(first.err).containsExactly(PREPARING);
    assertPlainStart();
    assertThat(start("-Xlog:class+load", "--help").out).contains(ARCHIVED);
    assertThat(start("-Xlog:class+load", "embed").out).contains(ARCHIVED);
    try (var files = Files.list(jar.getParent())) {
      Path libraries = home.resolve("target/lib");
      assertThat(files).containsExactlyInAnyOrder(jar, libraries, archive.getParent());
    }
    try (var files = Files.list(archive.getParent())) {
      assertThat(files).containsExactlyInAnyOrder(helpArchive, archive, watched);
    }
  }

  /** A help computes nothing: it starts without the vectors and their warning. */
  @Test
  void helpIsLight() throws IOException {
    start("");
    for (String help : List.of("--help", "-h", "--version", "-V")) {
      assertThat(start("", help).err).isEmpty();
      assertThat(start("", "train", help).err).isEmpty();
    }
    assertThat(start("", "train--help").err).containsExactly(WARNING);
  }

  @Test
  void anArchiveThatIsCutShortOrSomethingElse() throws IOException {
    start("");
    byte[] whole = Files.readAllBytes(archive);
    for (int bytes : new int[] {0, 1, 100, 1_000_000, whole.length - 1}) {
      Files.write(archive, Arrays.copyOf(whole, bytes));
      assertPlainStart();
    }
    Files.writeString(archive, "This is no archive. ".repeat(10_000));
    assertPlainStart();
  }

  /** Older than the archives, as a jar is that was copied with its time. */
  @Test
  void anotherJarMakesOtherArchives() throws IOException {
    start("");
    program(new Source("Main", PRINT + "System.out.println(2);"), new Source("WarmUp", ""));
    for (int i = 0; i < 2; i++) {
      Run run = start("", "embed");
      assertThat(run.err).isEqualTo(i == 0 ? List.of(PREPARING, WARNING) : List.of(WARNING));
      assertThat(run.out).isEqualTo("embed\n2");
    }
  }

  /** Where no other archive can be made, that of another jar is not used. */
  @Test
  void anArchiveOfAnotherJarIsNotUsed() throws IOException {
    start("");
    program(new Source("Main", PRINT + "System.out.println(2);"), new Source("WarmUp", KILLED));
    assertThat(start("", "embed").out).isEqualTo("embed\n2");
    assertThat(archive).doesNotExist();
    assertThat(start("", "embed").out).isEqualTo("embed\n2");
  }

  @Test
  void anotherJdkMakesOtherArchives() throws IOException {
    start("");
    String identity = Files.readString(watched);
    Files.writeString(watched, "/usr/lib/jvm/another\n" + identity);
    assertThat(start("").err).containsExactly(PREPARING, WARNING);
    assertThat(watched).hasContent(identity.strip());
    assertPlainStart();
  }

  /** Tried once for each build. */
  @Test
  void noArchiveWhereItCannotBeMade() throws IOException {
    program(new Source("Main", PRINT), new Source("WarmUp", KILLED));
    assertThat(start("").err).containsExactly(PREPARING, WARNING);
    assertThat(archive).doesNotExist();
    assertPlainStart();
  }
}
