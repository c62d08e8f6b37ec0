package org.mirror4j.bert;

import static org.mirror4j.file.FileException.clean;
import static org.mirror4j.file.FileException.quote;
import static org.mirror4j.file.FileException.some;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.bert.BertConfig.Family;
import org.mirror4j.text.TokenizerKind;

/**
 * What tells a BERT from a RoBERTa: {@code model_type} and {@code architectures} of {@code
 * config.json}, the names of the tensors, and the tokenizer. The first three must agree. The
 * tokenizer is asked where fewer than two of them speak, and must agree too; two that do agree
 * outvote it, as there are RoBERTas over word pieces and BERTs over merged pairs.
 */
final class FamilyWitnesses {
  /** Classes of transformers; others are of a user's own making and say nothing. */
  private static final Pattern CLASS =
      Pattern.compile("(Bert|Roberta|XLMRoberta|Camembert)(Model|LMHeadModel|For[A-Z].*)");

  private record Witness(String words, Family family) {}

  private final List<Witness> witnesses = new ArrayList<>();

  private FamilyWitnesses() {}

  /**
   * The family by the configuration alone.
   *
   * @throws IllegalArgumentException if it says none, an unknown one or two
   */
  static Family of(JsonNode config) {
    FamilyWitnesses asked = new FamilyWitnesses();
    asked.askConfig(config);
    return asked.verdict();
  }

  /**
   * The family of a model.
   *
   * @param tokenizer asked only where it is needed
   * @throws IllegalArgumentException naming the witnesses where they do not agree
   */
  static Family of(
      JsonNode config, WeightNames names, Supplier<Optional<TokenizerKind>> tokenizer) {
    FamilyWitnesses asked = new FamilyWitnesses();
    asked.askConfig(config);
    names.family().forEach((words, family) -> asked.witnesses.add(new Witness(words, family)));
    boolean agree = asked.witnesses.stream().map(Witness::family).distinct().count() == 1;
    if (!agree || asked.witnesses.size() < 2) {
      tokenizer.get().ifPresent(asked::askTokenizer);
    }
    return asked.verdict();
  }

  private void askConfig(JsonNode config) {
    JsonNode type = config.path("model_type");
    if (!type.isMissingNode() && !type.isNull()) {
      String found = type.isTextual() ? quote(type.textValue()) : clean(type.toString());
      Optional<Family> family = Family.ofModelType(type.asText());
      if (family.isEmpty()) {
        throw new IllegalArgumentException(
            "config: model_type is %s, expected bert, roberta, xlm-roberta or camembert"
                .formatted(found));
      }
      witnesses.add(new Witness("model_type " + found, family.get()));
    }
    for (JsonNode architecture : config.path("architectures")) {
      Matcher name = CLASS.matcher(architecture.asText());
      if (name.matches()) {
        Family family = name.group(1).equals("Bert") ? Family.BERT : Family.ROBERTA;
        witnesses.add(new Witness("architectures " + quote(name.group()), family));
      }
    }
  }

  private void askTokenizer(TokenizerKind kind) {
    Family family = kind == TokenizerKind.WORD_PIECE ? Family.BERT : Family.ROBERTA;
    witnesses.add(new Witness("a tokenizer of " + kind.label(), family));
  }

  private Family verdict() {
    List<Family> families = witnesses.stream().map(Witness::family).distinct().toList();
    if (families.isEmpty()) {
      throw new IllegalArgumentException(
          "config: model_type is missing, and nothing else tells BERT from RoBERTa (architectures,"
              + " names of tensors, tokenizer)");
    }
    if (families.size() > 1) {
      List<String> said =
          witnesses.stream()
              .map(witness -> witness.words() + " says " + witness.family().label())
              .toList();
      throw new IllegalArgumentException(
          "config: " + some(", ", said) + ": expected one family for all");
    }
    return families.getFirst();
  }
}
