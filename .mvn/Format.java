import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs google-java-format over every Java file of the checkout. Arguments: the formatter's jar and
 * the project's folder. Checks by default; with {@code -Dformat=fix} it rewrites the files.
 */
final class Format {
  public static void main(String[] args) throws IOException, InterruptedException {
    boolean fix = "fix".equals(System.getProperty("format"));
    Path root = Path.of(args[1]);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String tool : List.of("api", "code", "file", "parser", "tree", "util")) {
      command.add("--add-exports=jdk.compiler/com.sun.tools.javac." + tool + "=ALL-UNNAMED");
    }
    command.addAll(List.of("-jar", args[0]));
    command.addAll(fix ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    for (String folder : List.of("src", "weights-converter", "bench", "adapters")) {
      Path start = root.resolve(folder);
      if (Files.isDirectory(start)) {
        try (Stream<Path> files = Files.walk(start)) {
          files
              .filter(f -> f.toString().endsWith(".java"))
              .map(Path::toString)
              .forEach(command::add);
        }
      }
    }
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (status != 0) {
      System.err.println("The files above are not formatted: run mvn test-compile -Dformat=fix");
    }
    System.exit(status);
  }
}
