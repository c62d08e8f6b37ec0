package org.mirror4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.Encoder;

/**
 * Executors that are processes. They get Spark's jars by their class path, as on a cluster, and all
 * else by Spark: mirror4j's jars by {@code spark.jars}, the model as an archive.
 */
@Timeout(1_800)
class LocalClusterTest {
  /** A hundred thousand for the proof at length: {@code -Dmirror4j.spark.lines=100000}. */
  private static final int LINES = Integer.getInteger("mirror4j.spark.lines", 2_400);

  private static final int PARTITIONS = 12;
  private static final Path LIBRARIES = Path.of("lib");

  @TempDir Path folder;

  private static void zip(Path archive, Path from) throws IOException {
    try (OutputStream file = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(file);
        Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        zip.putNextEntry(new ZipEntry(from.relativize(path).toString()));
        Files.copy(path, zip);
      }
    }
  }

  private String jars() throws IOException {
    Path own = folder.resolve("mirror4j-spark.jar");
    zip(own, Path.of("classes"));
    try (Stream<Path> files = Files.list(LIBRARIES)) {
      return Stream.concat(Stream.of(own), files)
          .map(path -> path.toAbsolutePath().toString())
          .collect(Collectors.joining(","));
    }
  }

  /** What the driver has and no application brings. */
  private static String sparksClassPath() throws IOException {
    List<String> brought;
    try (Stream<Path> files = Files.list(LIBRARIES)) {
      brought = files.map(path -> path.getFileName().toString()).toList();
    }
    return Arrays.stream(System.getProperty("java.class.path").split(":"))
        .filter(entry -> !entry.endsWith("/target/classes"))
        .filter(entry -> !brought.contains(Path.of(entry).getFileName().toString()))
        .collect(Collectors.joining(":"));
  }

  private static Stream<ProcessHandle> executors() {
    return ProcessHandle.current()
        .descendants()
        .filter(process -> arguments(process).contains("--executor-id"));
  }

  private static List<String> arguments(ProcessHandle process) {
    try {
      Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
      return List.of(Files.readString(file, StandardCharsets.ISO_8859_1).split("\0"));
    } catch (IOException e) {
      return List.of(); // It has ended.
    }
  }

  private static Optional<ProcessHandle> executor(String id) {
    return executors()
        .filter(
            process -> {
              List<String> arguments = arguments(process);
              int flag = arguments.indexOf("--executor-id");
              return flag >= 0 && arguments.get(flag + 1).equals(id);
            })
        .findFirst();
  }

  /** Kills the first executor that begins a task after it has done another. */
  private static final class Killer extends SparkListener {
    private final CompletableFuture<String> killed = new CompletableFuture<>();
    private final CompletableFuture<String> removed = new CompletableFuture<>();
    private final Set<String> proven = new HashSet<>();
    private int lostTasks;

    @Override
    public synchronized void onTaskStart(SparkListenerTaskStart start) {
      String id = start.taskInfo().executorId();
      if (!killed.isDone() && proven.contains(id)) {
        executor(id).orElseThrow().destroyForcibly();
        killed.complete(id);
      }
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
      if (end.reason() instanceof ExecutorLostFailure) {
        lostTasks++;
      } else {
        proven.add(end.taskInfo().executorId());
      }
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
      removed.complete(event.executorId());
    }

    private synchronized int lostTasks() {
      return lostTasks;
    }

    private synchronized Set<String> proven() {
      return Set.copyOf(proven);
    }
  }

  /** A task that is done again has the same batches of rows, hence the bits of one encoder. */
  @Test
  void aLostExecutorChangesNoVector() throws Exception {
    Files.createDirectories(Path.of("spark", "jars")); // Empty: a worker looks for it.
    Path model = folder.resolve("model");
    Sessions.copyModel(model);
    Path archive = folder.resolve("words.zip");
    zip(archive, model);
    Killer killer = new Killer();
    List<Row> rows;
    String application;
    try (SparkSession spark =
        Sessions.builder("local-cluster[2,1,1024]")
            .config("spark.jars", jars())
            .config("spark.archives", archive + "#words")
            .config("spark.executor.extraClassPath", sparksClassPath())
            .config("spark.scheduler.minRegisteredResourcesRatio", 1)
            .getOrCreate()) {
      application = spark.sparkContext().applicationId();
      spark.sparkContext().addSparkListener(killer);
      rows =
          Mirror4jTransformer.ofSparkFiles("words", "text", "vector")
              .withSettings(Texts.CPU)
              .transform(Texts.of(spark, LINES, PARTITIONS))
              .collectAsList();
      assertThat(killer.removed.get(60, TimeUnit.SECONDS))
          .isEqualTo(killer.killed.get(0, TimeUnit.SECONDS));
    }
    // The task that ran; and the one before, where its result, above 1 MB, was still fetched.
    assertThat(killer.lostTasks()).isBetween(1, 2);
    assertThat(killer.proven()).hasSizeGreaterThanOrEqualTo(2);
    try (Encoder encoder = Encoder.load(model, Texts.CPU.withThreads(1))) {
      assertThat(Texts.vectors(rows))
          .hasSize(LINES)
          .isEqualTo(Texts.expected(rows, encoder, 1_024));
    }
    assertOneEncoderEach(Path.of("spark", "work", application));
    assertNoneIsLeft();
  }

  /** Two versions of one library on a class path are what Spark's own jars are left out for. */
  @Test
  void nothingOfSparksIsBrought() throws IOException {
    Set<String> sparks =
        Arrays.stream(sparksClassPath().split(":"))
            .map(LocalClusterTest::library)
            .collect(Collectors.toSet());
    assertThat(sparks).contains("jackson-databind", "slf4j-api", "gson", "spark-core_2.13");
    try (Stream<Path> files = Files.list(LIBRARIES)) {
      assertThat(files.map(path -> library(path.toString())))
          .contains("mirror4j", "tokenizers", "dnnl")
          .doesNotContainAnyElementsOf(sparks);
    }
  }

  /** A jar's name up to its version. */
  private static String library(String jar) {
    return Path.of(jar).getFileName().toString().replaceFirst("-\\d.*", "");
  }

  private static void assertOneEncoderEach(Path logs) throws IOException {
    List<Path> files;
    try (Stream<Path> executors = Files.list(logs)) {
      files = executors.map(executor -> executor.resolve("spark.log")).toList();
    }
    assertThat(files).hasSizeGreaterThanOrEqualTo(2);
    int opened = 0;
    for (Path file : files) {
      List<String> lines =
          Files.readAllLines(file).stream().filter(line -> line.contains(": opened ")).toList();
      assertThat(lines).hasSizeLessThanOrEqualTo(1).allMatch(line -> line.contains("engines: 1,"));
      opened += lines.size();
    }
    assertThat(opened).isGreaterThanOrEqualTo(2);
  }

  private static void assertNoneIsLeft() throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (executors().findAny().isPresent() && System.nanoTime() < end) {
      Thread.sleep(50);
    }
    assertThat(executors()).isEmpty();
  }
}
