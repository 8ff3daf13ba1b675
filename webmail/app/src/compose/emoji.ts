/** Emoji by their names, as `:smile:` is typed: those that mail is written with. */

const NAMES = `smile 😊 grin 😁 joy 😂 laugh 😄 wink 😉 blush ☺️ heart ❤️ love 😍 kiss 😘 cool 😎 think 🤔 neutral 😐 sad 😢 cry 😭 angry 😠 shock 😱 sleep 😴 sick 🤒
hug 🤗 party 🥳 tada 🎉 cake 🎂 gift 🎁 thumbsup 👍 yes 👍 thumbsdown 👎 no 👎 ok 👌 clap 👏 wave 👋 pray 🙏 thanks 🙏 muscle 💪 eyes 👀 fire 🔥 star ⭐ sparkles ✨ sun ☀️
cloud ☁️ rain 🌧️ snow ❄️ rainbow 🌈 flower 🌸 rose 🌹 plant 🌱 tree 🌳 leaf 🍃 bee 🐝 cat 🐱 dog 🐶 bird 🐦 fish 🐟 apple 🍎 bread 🍞 pizza 🍕 coffee ☕ tea 🍵 beer 🍺 wine 🍷 cheers 🥂
house 🏠 car 🚗 bike 🚲 train 🚆 bus 🚌 plane ✈️ ship 🚢 rocket 🚀 phone 📞 mail ✉️ calendar 📅 clock ⏰ hourglass ⏳ key 🔑 lock 🔒 bulb 💡 book 📖 pencil ✏️ clip 📎 chart 📈 money 💶 tools 🛠️
check ✅ cross ❌ question ❓ warning ⚠️ info ℹ️ stop 🛑 recycle ♻️ hundred 💯 music 🎵 camera 📷 ball ⚽ medal 🏅 crossed 🤞 shrug 🤷 facepalm 🤦 up ⬆️ down ⬇️ left ⬅️ right ➡️`;
const words = NAMES.split(/\s+/);
export const EMOJI: readonly [string, string][] = words.flatMap((name, n) => (n % 2 ? [] : [[name, words[n + 1]!] as [string, string]]));
