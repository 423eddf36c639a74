// Writes golden.jsonl beside each tokenizer.json below this folder, with the ids of the Rust library of Hugging Face.
// Outside the repository: npm install tokenizers@0.23.2, then there: node PATH/TO/tests/vectors/tokenizers/golden.mjs
import { createRequire } from 'node:module';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { Tokenizer } = createRequire(join(process.cwd(), 'package.json'))('tokenizers');
const here = import.meta.dirname;

const texts = [
  'Sensor 7: the temperature is 21.5 °C, normal.', // the first one is the text of the models' references
  '', ' ', '  ', '   ', '    ', '     ', '\t', '\t\t', '\t\t\t', '\n', '\n\n', '\r\n', ' \n ', ' a', 'a ', 'a  b', '  a   b    c     d',
  'the sensor', 'the  sensor', ' the sensor', 'theater', 'normally', 'abnormal', 'sensors sense sense', 'Sensor SENSOR sEnSoR', 'end.\nNext', "it's they're I'll WE'D", "'s 't're",
  '0', '12', '123', '1234', '12345678', '-1.5e-7', '1,234.5', '٣٤٥', '½ x² Ⅷ', '3rd 4th', '!?.,;:', '((a)) [b] {c}', 'a/b\\c//\n', '#$%&*+=~^|',
  'é', 'e\u0301', 'Ångström', 'ǅ ʰ ß', 'Привет, мир', '你好世界', 'かなカナ', 'שלום', 'สวัสดี', '▁▁ a▁b', '\u00a0\u00a0a', '\u3000a\u2003b', '\u200b\u200d', '\u0000\u0001\u007f',
  '😀', '😀😀 a', '👩‍👩‍👧', '𝟙𝟚𝟛', '𐐀𐐨', '𠀀𠀁', '🇩🇪', '\u{1d165}\u{10ffff}', 'mid😀dle 21 °C', 'nor\u2028mal\u0085x',
];
const control = [
  '<|endoftext|>', 'a<|endoftext|>b', ' <|endoftext|> b', '<|endoftext|><|endoftext|>', '<s>a</s>', '</s>  a', '<unk>', '<|end|>', 'the<|end|> \n sensor', '<|user|>\nthe sensor<|end|>\n', '<|user|> <|end|>  a', '<|end', '<|END|>',
  'a [gap] b', 'a   [gap]', 'a[gap]', '[gap][gap]', '<0x41>',
];

for (const folder of readdirSync(here, { withFileTypes: true }).filter(entry => entry.isDirectory())) {
  const json = readFileSync(join(here, folder.name, 'tokenizer.json'), 'utf8');
  const whole = Tokenizer.fromString(json);

  // the library's switch for special tokens as text is not reachable from here: they are taken out, or given a name that no text has where the ids of others follow theirs
  const file = JSON.parse(json);
  file.added_tokens = file.added_tokens.filter(token => !(token.special && token.content in file.model.vocab))
    .map(token => token.special ? { ...token, content: `\u{f0000}${token.id}` } : token);
  const plain = Tokenizer.fromString(JSON.stringify(file));

  const lines = [];
  const add = async (text, add_special, special_as_text) => {
    const ids = (await (special_as_text ? plain : whole).encode(text, null, { addSpecialTokens: add_special })).getIds();
    lines.push(JSON.stringify({ text, add_special, special_as_text, ids, decoded: await whole.decode(ids, false), decoded_skip: await whole.decode(ids, true) }));
  };
  for (const text of texts) await add(text, true, false);
  for (const text of control) {
    await add(text, true, false);
    await add(text, false, true);
  }
  writeFileSync(join(here, folder.name, 'golden.jsonl'), lines.join('\n') + '\n');
}
