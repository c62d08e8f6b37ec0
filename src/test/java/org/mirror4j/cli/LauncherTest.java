package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
  private static final String PREPARING =
      "mirror4j: preparing faster starts, once: about a quarter of a minute ...";
  private static final String BUILDING =
      "mirror4j: building, once: about a minute, and what Maven takes to fetch libraries ...";
  private static final String WAITING = "mirror4j: waiting for another start, which builds ...";
  private static final String FLAGS = "-XX:+PrintCommandLineFlags";
  private static final String PRINT = "System.out.println(String.join(\" \", arguments));";

  /** A virtual machine that ends so makes no archive. */
  private static final String KILLED =
      "try { new ProcessBuilder(\"kill\", \"-9\", \"\" + ProcessHandle.current().pid()).start();"
          + " Thread.sleep(60_000); } catch (Exception e) { throw new IllegalStateException(e); }";

  private static final Source MAIN = new Source("Main", PRINT);

  /** No archive comes of it, and quickly: for what has nothing to do with archives. */
  private static final Source COLD = new Source("WarmUp", "System.exit(1);");

  private static final Source WARM = new Source("WarmUp", "Main.main(arguments);");

  /** What the virtual machine says of a class that comes out of an archive. */
  private static final String ARCHIVED = "org.mirror4j.cli.Main source: shared objects file";

  @TempDir Path folder;
  private Path home;
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
    makeHome("home");
  }

  private void makeHome(String name) throws IOException {
    home = folder.toRealPath().resolve(name);
    Files.createDirectories(home.resolve("target/lib"));
    jar(home.resolve("target/lib/empty.jar"), home);
    Files.createDirectories(home.resolve(".mvn"));
    Files.writeString(home.resolve("pom.xml"), "");
    Files.setLastModifiedTime(home.resolve("pom.xml"), FileTime.from(Instant.EPOCH));
    for (String file : List.of("mirror4j", ".mvn/find-jdk.sh")) {
      Files.copy(Path.of(file), home.resolve(file));
    }
    jar = home.resolve("target/mirror4j.jar");
    helpArchive = home.resolve("target/start/help.jsa");
    archive = home.resolve("target/start/program.jsa");
    watched = home.resolve("target/start/made-of");
    program(MAIN, COLD);
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
    Started started = begin(Map.of("MIRROR4J_JAVA_OPTIONS", options), arguments);
    return started.end();
  }

  private record Started(Process process, Path err) {
    Run end() throws IOException {
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exit = process.onExit().join().exitValue();
      return new Run(exit, out.strip(), Files.readAllLines(err));
    }
  }

  private Started begin(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(home.resolve("mirror4j").toString()));
    command.addAll(List.of(arguments));
    return begin(environment, command);
  }

  private Started begin(Map<String, String> environment, List<String> command) throws IOException {
    Path err = Files.createTempFile(folder, "err", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(folder.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return new Started(builder.redirectError(err.toFile()).start(), err);
  }

  /** As without an archive, and not a word more. */
  private void assertPlainStart() throws IOException {
    Run run = start("", "embed", "a b");
    assertThat(run.exit).isZero();
    assertThat(run.out).isEqualTo("embed a b");
    assertThat(run.err).isEmpty();
  }

  @Test
  void theFirstStartMakesTheArchivesThatLaterOnesUse() throws IOException {
    program(MAIN, WARM);
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

  /** A help computes nothing: it starts without the second compiler, and nothing else does. */
  @Test
  void helpIsLight() throws IOException {
    String light = "-XX:TieredStopAtLevel=1";
    start("");
    for (String help : List.of("--help", "-h", "train --help", "kernels list -h", "--version -x")) {
      assertThat(start(FLAGS, help.split(" ")).out).contains(light);
    }
    for (List<String> other :
        List.of(
            List.of("embed", "--input", "a -h b"),
            List.of("embed", "--input=-h"),
            List.of("embed", "--input", "-V"),
            List.of("convert", "--", "-h", "--help"),
            List.of("train--help"))) {
      Run run = start(FLAGS, other.toArray(String[]::new));
      assertThat(run.out).doesNotContain(light).endsWith(String.join(" ", other));
    }
  }

  @Test
  void anArchiveThatIsCutShortOrSomethingElse() throws IOException {
    program(MAIN, WARM);
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
    program(MAIN, WARM);
    start("");
    program(new Source("Main", PRINT + "System.out.println(2);"), new Source("WarmUp", ""));
    for (int i = 0; i < 2; i++) {
      Run run = start("", "embed");
      assertThat(run.err).isEqualTo(i == 0 ? List.of(PREPARING) : List.of());
      assertThat(run.out).isEqualTo("embed\n2");
    }
  }

  /** Where no other archive can be made, that of another jar is not used. */
  @Test
  void anArchiveOfAnotherJarIsNotUsed() throws IOException {
    program(MAIN, WARM);
    start("");
    program(new Source("Main", PRINT + "System.out.println(2);"), new Source("WarmUp", KILLED));
    assertThat(start("", "embed").out).isEqualTo("embed\n2");
    assertThat(archive).doesNotExist();
    assertThat(start("", "embed").out).isEqualTo("embed\n2");
  }

  @Test
  void anotherJdkMakesOtherArchives() throws IOException {
    program(MAIN, WARM);
    start("");
    String identity = Files.readString(watched);
    Files.writeString(watched, "/usr/lib/jvm/another\n" + identity);
    assertThat(start("").err).containsExactly(PREPARING);
    assertThat(watched).hasContent(identity.strip());
    assertPlainStart();
  }

  /** Tried once for each build. */
  @Test
  void noArchiveWhereItCannotBeMade() throws IOException {
    program(MAIN, new Source("WarmUp", KILLED));
    assertThat(start("").err).containsExactly(PREPARING);
    assertThat(archive).doesNotExist();
    assertPlainStart();
  }

  /** A folder on the search path of cd, functions and options may be exported for people. */
  @Test
  void theEnvironmentRunsNothingForeign() throws IOException {
    start("");
    Path foreign = folder.resolve("foreign/home/.mvn/find-jdk.sh");
    Files.createDirectories(foreign.getParent());
    Files.writeString(foreign, "echo foreign\n");
    for (Map<String, String> environment :
        List.of(
            Map.of("CDPATH", folder.resolve("foreign").toString()),
            Map.of("BASH_FUNC_cd%%", "() { builtin cd /; echo foreign; }"),
            Map.of("BASH_FUNC_source%%", "() { echo foreign; }"),
            Map.of("BASH_FUNC_find%%", "() { echo foreign; }"),
            Map.of("SHELLOPTS", "noglob:verbose", "IFS", "/", "POSIXLY_CORRECT", "1"))) {
      Run run = begin(environment, List.of("home/mirror4j", "embed", "x")).end();
      assertThat(run.exit).describedAs("%s: %s", environment, run.err).isZero();
      assertThat(run.out).isEqualTo("embed x");
      assertThat(run.err).isEmpty();
    }
  }

  /** Characters that part class paths, that a shell or a virtual machine expands, and others. */
  @Test
  void anyFolderServes() throws IOException {
    for (String name : List.of("a:b %p", "-p 'q' \"r\" $HOME * [x] newer M\u00f6del \u68ee")) {
      makeHome(name);
      program(MAIN, WARM);
      Path link = folder.resolve("link to " + name.length());
      Files.createSymbolicLink(link, home.resolve("mirror4j"));
      Map<String, String> noLocale = Map.of("LC_ALL", "C");
      Run first = begin(noLocale, List.of(link.toString(), "embed", "\u68ee")).end();
      assertThat(first.err).describedAs(name).containsExactly(PREPARING);
      assertThat(first.out).isEqualTo("embed \u68ee");
      assertPlainStart();
      assertThat(start("-Xlog:class+load", "embed").out).describedAs(name).contains(ARCHIVED);
    }
  }

  @Test
  void whereNoLocaleIsSetNamesMayBeOfAnyCharacters() throws IOException {
    String open =
        "System.out.println(java.nio.file.Files.exists(java.nio.file.Path.of(arguments[0])));";
    program(new Source("Main", open), COLD);
    Path file = Files.writeString(folder.resolve("M\u00f6del \u68ee"), "x");
    for (String locale : List.of("C", "POSIX", "xx_XX.UTF-8", "C.UTF-8")) {
      Map<String, String> environment = Map.of("LC_ALL", "", "LC_CTYPE", "", "LANG", locale);
      assertThat(begin(environment, file.toString()).end().out)
          .describedAs(locale)
          .isEqualTo("true");
    }
  }

  /** Else the next file that is opened has the number of the stream and gets what is said. */
  @Test
  void aClosedStreamIsNoFileOfTheProgram() throws IOException {
    String write =
        "try (var file = new java.io.FileOutputStream(arguments[0])) { System.err.println(1);"
            + " System.out.println(2); file.write('x'); System.err.println(3); } catch"
            + " (java.io.IOException e) { System.exit(3); } System.exit(System.out.checkError() ? 4"
            + " : 0);";
    program(new Source("Main", write), COLD);
    start("", folder.resolve("first").toString());
    for (String closed : List.of("2>&-", "<&- 2>&-", "<&- >&- 2>&-", ">&-")) {
      Path file = folder.resolve("written");
      String line = "exec \"$0\" \"$1\" " + closed;
      List<String> call =
          List.of("bash", "-c", line, home.resolve("mirror4j").toString(), "" + file);
      assertThat(begin(Map.of(), call).end().exit)
          .describedAs(closed)
          .isEqualTo(closed.contains(">&- 2") || closed.equals(">&-") ? 4 : 0);
      assertThat(file).describedAs(closed).hasContent("x");
    }
  }

  /** In place of Maven: counts its calls and puts the jar that was built in its place. */
  private Map<String, String> maven(String script) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path built = folder.resolve("built.jar");
    if (!Files.exists(built)) {
      Files.move(jar, built);
    }
    Path maven = bin.resolve("mvn");
    Files.writeString(
        maven,
        """
        #!/usr/bin/env bash
        cd '%s'
        echo call >>'%s/calls'
        place() { mkdir -p target/lib; cp '%s' target/mirror4j.jar; }
        %s
        """
            .formatted(home, folder, built, script));
    assertThat(maven.toFile().setExecutable(true)).isTrue();
    return Map.of("PATH", bin + ":" + System.getenv("PATH"));
  }

  private long calls() throws IOException {
    return Files.readAllLines(folder.resolve("calls")).size();
  }

  @Test
  void twoFirstStartsBuildOnce() throws IOException {
    Map<String, String> environment = maven("sleep 1; place");
    List<Started> started = List.of(begin(environment, "embed"), begin(environment, "embed"));
    List<String> said = new ArrayList<>();
    for (Started one : started) {
      Run run = one.end();
      assertThat(run.exit).describedAs("%s", run.err).isZero();
      assertThat(run.out).isEqualTo("embed");
      said.addAll(run.err);
    }
    assertThat(said).containsExactlyInAnyOrder(BUILDING, WAITING, PREPARING);
    assertThat(calls()).isEqualTo(1);
    assertPlainStart();
    assertThat(home.resolve("target/building")).doesNotExist();
  }

  /** Killed with a jar that is cut short: newer than all sources, and no end of it anywhere. */
  @Test
  void aBuildThatWasKilledIsDoneAgain() throws IOException {
    maven("");
    String killed =
        "place; truncate -s 100 target/mirror4j.jar; echo x >target/classes; kill -9 $PPID";
    assertThat(begin(maven(killed), "embed").end().exit).isEqualTo(137);
    Map<String, String> environment = maven("[[ ! -e target/classes ]] && place");
    Run run = begin(environment, "embed").end();
    assertThat(run.err).containsExactly(BUILDING, PREPARING);
    assertThat(run.out).isEqualTo("embed");
    Files.write(jar, Arrays.copyOf(Files.readAllBytes(jar), 100));
    assertThat(begin(environment, "embed").end().out).isEqualTo("embed");
    assertThat(calls()).isEqualTo(3);
    assertPlainStart();
  }

  @Test
  void aBuildThatFailsSaysWhy() throws IOException {
    Run run = begin(maven("echo '[INFO] x'; echo '[ERROR] A.java: wrong'; exit 1"), "embed").end();
    Path log = home.resolve("target/build.log");
    assertThat(run.exit).isEqualTo(1);
    assertThat(run.out).isEmpty();
    assertThat(run.err)
        .containsExactly(
            BUILDING,
            "[ERROR] A.java: wrong",
            "mirror4j: the build failed; " + log + " has all that Maven said");
    assertThat(log).hasContent("[INFO] x\n[ERROR] A.java: wrong");
    assertThat(begin(maven("place"), "embed").end().out).isEqualTo("embed");
  }

  @Test
  void aSourceThatIsNewerIsBuilt() throws IOException {
    Map<String, String> environment = maven("place; touch pom.xml");
    assertThat(begin(environment, "embed").end().err).containsExactly(BUILDING, PREPARING);
    assertThat(begin(maven("place"), "embed").end().err).containsExactly(BUILDING, PREPARING);
    assertPlainStart();
    assertThat(calls()).isEqualTo(2);
  }

  /** The program's own exit code is that of the launcher, and a signal is not lost on the way. */
  @Test
  void exitCodesAndSignalsPass() throws Exception {
    String wait =
        "if (arguments[0].equals(\"wait\")) { System.out.println(1);"
            + " try { Thread.sleep(60_000); } catch (InterruptedException e) {"
            + " throw new IllegalStateException(e); } }"
            + " System.exit(Integer.parseInt(arguments[0]));";
    program(new Source("Main", wait), COLD);
    for (int code : new int[] {0, 1, 2}) {
      assertThat(start("", "" + code).exit).isEqualTo(code);
    }
    for (String signal : List.of("INT", "TERM")) {
      Started started = begin(Map.of(), "wait");
      assertThat(started.process.getInputStream().read()).isEqualTo('1');
      new ProcessBuilder("kill", "-" + signal, "" + started.process.pid()).start().waitFor();
      assertThat(started.end().exit).isEqualTo(signal.equals("INT") ? 130 : 143);
    }
  }
}
