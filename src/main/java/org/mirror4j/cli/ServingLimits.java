package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.serve.Limits;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What clients may ask of a server. */
final class ServingLimits {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--max-body-bytes",
      paramLabel = "N",
      description = "Bytes of a request. Default: ${DEFAULT-VALUE}.")
  private int bodyBytes = Limits.DEFAULT.bodyBytes();

  @Option(
      names = "--max-texts",
      paramLabel = "N",
      description = "Texts of a request. Default: ${DEFAULT-VALUE}.")
  private int texts = Limits.DEFAULT.texts();

  @Option(
      names = "--max-characters",
      paramLabel = "N",
      description =
          "Characters of a text; what is longer is cut or refused as one of too many tokens."
              + " Default: ${DEFAULT-VALUE}.")
  private int characters = Limits.DEFAULT.characters();

  @Option(
      names = "--max-waiting-texts",
      paramLabel = "N",
      description =
          "Texts that wait to be computed; requests beyond are told to come again (429). Default:"
              + " ${DEFAULT-VALUE}.")
  private int waitingTexts = Limits.DEFAULT.waitingTexts();

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      description = "Connections at a time; those beyond are closed. Default: ${DEFAULT-VALUE}.")
  private int connections = Limits.DEFAULT.connections();

  @Option(
      names = "--request-seconds",
      paramLabel = "N",
      description =
          "Seconds that a request may take to come, head and body; slower clients are cut off."
              + " Default: ${DEFAULT-VALUE}.")
  private int requestSeconds = (int) Limits.DEFAULT.requestTime().toSeconds();

  @Option(
      names = "--answer-seconds",
      paramLabel = "N",
      description =
          "Seconds that a request waits for its vectors before it is told that there are none"
              + " (503). Default: ${DEFAULT-VALUE}.")
  private int answerSeconds = (int) Limits.DEFAULT.answerTime().toSeconds();

  /**
   * What is asked for.
   *
   * @throws ParameterException if it cannot be
   */
  Limits limits() {
    requirePositive("--max-body-bytes", bodyBytes);
    requirePositive("--max-texts", texts);
    requirePositive("--max-characters", characters);
    requirePositive("--max-connections", connections);
    requirePositive("--request-seconds", requestSeconds);
    requirePositive("--answer-seconds", answerSeconds);
    if (waitingTexts < texts) {
      throw new ParameterException(
          command.commandLine(),
          "--max-waiting-texts is %d, expected at least the %d of --max-texts"
              .formatted(waitingTexts, texts));
    }
    return new Limits(
        bodyBytes,
        texts,
        characters,
        waitingTexts,
        connections,
        Duration.ofSeconds(requestSeconds),
        Duration.ofSeconds(answerSeconds),
        Limits.DEFAULT.heldBytes());
  }

  private void requirePositive(String option, int value) {
    if (value < 1) {
      throw new ParameterException(
          command.commandLine(), "%s is %d, expected at least 1".formatted(option, value));
    }
  }

  /** The same as settings for people and programs. */
  ObjectNode json() {
    return JsonFiles.object()
        .put("maxBodyBytes", bodyBytes)
        .put("maxTexts", texts)
        .put("maxCharacters", characters)
        .put("maxWaitingTexts", waitingTexts)
        .put("maxConnections", connections)
        .put("requestSeconds", requestSeconds)
        .put("answerSeconds", answerSeconds);
  }
}
